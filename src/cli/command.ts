import { type Config, readConfig } from '../config.ts';
import { StartupError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import { BACKUP_USAGE, runBackup } from './backup.ts';
import { DOCUMENTS_USAGE, runDocuments } from './documents.ts';
import { KEYS_USAGE, runKeys } from './keys.ts';
import type { Output } from './output.ts';
import { RESTORE_USAGE, runRestore } from './restore.ts';
import { runVerify, VERIFY_USAGE } from './verify.ts';

type Command = (config: Config, logger: Logger, output: Output, args: readonly string[]) => Promise<number>;

/** The commands of `milepost <command>`. They use the same environment variables as the server. */
const COMMANDS: Readonly<Record<string, Command>> = {
  verify: (config, logger, output, args) =>
    args.length > 1 || (args.length === 1 && args[0] !== '--repair')
      ? usage(output, `verify does not know "${args.find((arg) => arg !== '--repair') ?? args[1]}".`)
      : runVerify(config, logger, output, args.length === 1),
  keys: runKeys,
  documents: runDocuments,
  backup: runBackup,
  restore: runRestore,
};

const USAGE = `${VERIFY_USAGE}
${KEYS_USAGE}
${DOCUMENTS_USAGE}
${BACKUP_USAGE}
${RESTORE_USAGE}
The database is the one of DATABASE_URL, or the embedded one in MILEPOST_DATA_DIR. The embedded one may be open in no
running server for verify and restore.`;

/** Runs `milepost` with these words after its name, and returns the exit code. */
export async function runCommand(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<number> {
  try {
    const [name = '', ...args] = words;
    if (asksForHelp(words)) return help(output);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) return usage(output, name === '' ? '' : `There is no command "${name}".`);
    const config = readConfig(environment);
    return await command(config, createLogger(config.logLevel), output, args);
  } catch (error) {
    output.printError(error instanceof StartupError ? error.message : `${(error as Error).stack}`);
    return 1;
  }
}

/** The word `help` counts only in the place of a command or its verb, because a label may be any word. */
function asksForHelp(words: readonly string[]): boolean {
  return words.some((word, index) => word === '--help' || word === '-h' || (word === 'help' && index < 2));
}

async function help({ print }: Output): Promise<number> {
  print(`Usage:\n${USAGE}`);
  return 0;
}

async function usage({ printError }: Output, problem: string): Promise<number> {
  if (problem !== '') printError(problem);
  printError(`Usage:\n${USAGE}`);
  return 2;
}
