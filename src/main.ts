import { readConfig } from './config.ts';
import { StartupError } from './errors.ts';
import { createLogger } from './logger.ts';
import { type RunningServer, startServer } from './server.ts';

/** The terminal sends a Ctrl-C to npm as well, which passes it on: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 500;

/** What stopping may take beyond the time for letting connections go. */
const GRACE_MS = 8_000;

/** Starts, says where, and stops on a signal; a second signal ends at once. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const server = await startServer(config, logger, say);
  // Before anybody is told that it is ready, and stops it.
  stopOnSignal(server, config.drainSeconds * 1_000 + GRACE_MS);
  if (server.newAdminKey !== null) {
    say(`\nThe admin key, shown this once: ${server.newAdminKey}\nSend it as "Authorization: Bearer …" to write.\n`);
  }
  say(`Milepost is ready on ${server.address} (GraphiQL: ${server.address}/graphql)`);
}

function stopOnSignal(server: RunningServer, deadlineMs: number): void {
  let stoppingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      void stop(server, signal, deadlineMs);
    } else if (performance.now() - stoppingSince > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
}

async function stop(server: RunningServer, signal: NodeJS.Signals, deadlineMs: number): Promise<void> {
  say(`Stopping (${signal})…`);
  const late = setTimeout(() => {
    process.stderr.write('Some part did not stop in time; ending all the same.\n');
    process.exit(1);
  }, deadlineMs);
  late.unref();
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
