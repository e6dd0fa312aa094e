import { readConfig } from './config.ts';
import { StartupError } from './errors.ts';
import { createLogger } from './logger.ts';
import { type RunningServer, startServer } from './server.ts';

/** Starts, says where, and stops on a signal; a second signal ends at once. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const server = await startServer(config, logger, say);
  if (server.newAdminKey !== null) {
    say(`\nThe admin key, shown this once: ${server.newAdminKey}\nSend it as "Authorization: Bearer …" to write.\n`);
  }
  say(`Milepost is ready on ${server.address} (GraphiQL: ${server.address}/graphql)`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(server, signal));
}

async function stop(server: RunningServer, signal: NodeJS.Signals): Promise<void> {
  say(`Stopping (${signal})…`);
  await server[Symbol.asyncDispose]();
  process.exit(0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(
    error instanceof StartupError ? `${error.message}\n` : `Milepost could not start: ${(error as Error).stack}\n`,
  );
  process.exit(1);
});
