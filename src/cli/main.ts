import { type Config, readConfig } from '../config.ts';
import { StartupError } from '../errors.ts';
import { createLogger, type Logger } from '../logger.ts';
import { runVerify } from './verify.ts';

/** The command line: `milepost <command>`, configured by the same environment as the server. */
const COMMANDS: Readonly<
  Record<
    string,
    {
      readonly about: string;
      readonly run: (config: Config, logger: Logger, say: (line: string) => void) => Promise<number>;
    }
  >
> = {
  verify: { about: 'recompute what is derived from the figures and report differences', run: runVerify },
};

async function main(): Promise<number> {
  const [name = '', ...rest] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (command === undefined || rest.length > 0) {
    const lines = Object.entries(COMMANDS).map(([known, { about }]) => `  milepost ${known.padEnd(10)}${about}`);
    process.stderr.write(
      `Usage:\n${lines.join('\n')}\nThe database is the one of DATABASE_URL, or the embedded one in MILEPOST_DATA_DIR.\n`,
    );
    return 2;
  }
  const config = readConfig(process.env);
  return command.run(config, createLogger(config.logLevel), (line) => process.stdout.write(`${line}\n`));
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
