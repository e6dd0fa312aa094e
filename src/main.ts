import { readConfig } from './config.ts';
import { optimizeWebAssemblyLate } from './database/webassembly.ts';
import { StartupError } from './errors.ts';
import { createLogger, type Logger } from './logger.ts';
import { type RunningServer, startServer } from './server.ts';

/** On Ctrl-C the terminal also signals npm, which passes the signal on. A second signal within this time is that copy. */
const SAME_SIGNAL_MS = 500;

/** Time for the stop, in addition to the time for closing connections. */
const GRACE_MS = 8_000;

/** Stops the server once, however often it is called. The process ends with the highest code given. */
type Stop = (why: string, code: 0 | 1) => void;

/**
 * Starts the server, prints its address, and stops on a signal or when the database is lost. A second signal ends the process at once.
 */
async function main(): Promise<void> {
  optimizeWebAssemblyLate();
  // A closed output or a full disk is no reason to drop the clients.
  for (const output of [process.stdout, process.stderr]) output.on('error', ignore);
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  let stop: Stop = (_why, code) => process.exit(code);
  stopOnFault(logger, (why, code) => stop(why, code));
  // Registered before the start, because the first process of a container ignores signals without a handler.
  stopOnSignal((why, code) => stop(why, code));
  const server = await startServer(config, logger, say);
  stop = createStop(server, config.drainSeconds * 1_000 + GRACE_MS);
  void server.failed.then((reason) => {
    process.stderr.write(`${reason} Start the server again.\n`);
    stop('the database has stopped', 1);
  });
  if (server.newAdminKey !== null) {
    say(`\nThe admin key, shown this once: ${server.newAdminKey}\nSend it as "Authorization: Bearer …" to write.\n`);
  }
  const page = config.graphiql ? ` (GraphiQL: ${server.address}/graphql)` : '';
  say(`Milepost is ready on ${server.address}${page}`);
}

/**
 * After an uncaught error the state of the process is unknown, so the error is logged and the process ends, to be started again.
 * It still stops gracefully, as on a signal, because at most one of thousands of clients is affected.
 */
function stopOnFault(logger: Logger, stop: Stop): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    // Not with logger.fatal(): pino then flushes, and on a full disk it would try for ever.
    logger.error({ err: error, origin }, 'uncaught error; the server stops');
    stop('an uncaught error', 1);
  });
}

function stopOnSignal(stop: Stop): void {
  let stoppingSince: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      stop(signal, 0);
    } else if (performance.now() - stoppingSince > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
}

function createStop(server: RunningServer, deadlineMs: number): Stop {
  let endCode: number | undefined;
  const endLate = (reason: string): void => {
    process.stderr.write(`${reason}; ending anyway.\n`);
    process.exit(1);
  };
  return (why, code) => {
    const isStopping = endCode !== undefined;
    endCode = Math.max(endCode ?? 0, code);
    if (isStopping) return;
    say(`Stopping (${why})…`);
    setTimeout(() => endLate('Some part did not stop in time'), deadlineMs).unref();
    server[Symbol.asyncDispose]().then(
      () => process.exit(endCode),
      (error: Error) => endLate(`Some part did not stop (${error.message})`),
    );
  };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function ignore(): void {
  // There is no other output to report it to.
}

main().catch((error: unknown) => {
  process.stderr.write(
    error instanceof StartupError ? `${error.message}\n` : `Milepost could not start: ${(error as Error).stack}\n`,
  );
  process.exit(1);
});
