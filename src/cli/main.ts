import { type Config, readConfig } from '../config.ts';
import { StartupError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import { KEYS_USAGE, runKeys } from './keys.ts';
import { runVerify, VERIFY_USAGE } from './verify.ts';

type Command = (
  config: Config,
  logger: Logger,
  say: (line: string) => void,
  args: readonly string[],
) => Promise<number>;

/** The command line: `milepost <command>`, configured by the same environment as the server. */
const COMMANDS: Readonly<Record<string, Command>> = {
  verify: (config, logger, say, args) =>
    args.length > 1 || (args.length === 1 && args[0] !== '--repair')
      ? usage()
      : runVerify(config, logger, say, args.length === 1),
  keys: runKeys,
};

const USAGE = `${VERIFY_USAGE}
${KEYS_USAGE}
The database is the one of DATABASE_URL, or the embedded one in MILEPOST_DATA_DIR, which no running server may have open.`;

async function main(): Promise<number> {
  const [name = '', ...args] = process.argv.slice(2);
  if (asksForHelp([name, ...args])) return help();
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return usage();
  const config = readConfig(process.env);
  return command(config, createLogger(config.logLevel), (line) => process.stdout.write(`${line}\n`), args);
}

/** Of a word it counts only where a command or its verb would be: a label may be any. */
function asksForHelp(words: readonly string[]): boolean {
  return words.some((word, index) => word === '--help' || word === '-h' || (word === 'help' && index < 2));
}

async function help(): Promise<number> {
  process.stdout.write(`Usage:\n${USAGE}\n`);
  return 0;
}

async function usage(): Promise<number> {
  process.stderr.write(`Usage:\n${USAGE}\n`);
  return 2;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(error instanceof StartupError ? `${error.message}\n` : `${(error as Error).stack}\n`);
    process.exitCode = 1;
  },
);
