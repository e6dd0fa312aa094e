import { readConfig } from './config.ts';
import { StartupError } from './errors.ts';
import { createLogger, type Logger } from './logger.ts';
import { type RunningServer, startServer } from './server.ts';

/** The terminal sends a Ctrl-C to npm as well, which passes it on: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 500;

/** What stopping may take beyond the time for letting connections go. */
const GRACE_MS = 8_000;

/** Stops the server, once, however often it is told to; the process ends with the highest code that was given. */
type Stop = (why: string, code: 0 | 1) => void;

/** Starts, says where, and stops on a signal, or when nothing can be answered any more; a second signal ends at once. */
async function main(): Promise<void> {
  // Nobody reads any more, or the disk is full: no reason to leave whoever is connected.
  for (const output of [process.stdout, process.stderr]) output.on('error', ignore);
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  let stop: Stop = (_why, code) => process.exit(code);
  stopOnFault(logger, (why, code) => stop(why, code));
  // Before it has started as well: as the first process of a container it would hear no signal that it does not listen to.
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
  say(`Milepost is ready on ${server.address} (GraphiQL: ${server.address}/graphql)`);
}

/**
 * What nobody caught, thrown or rejected, leaves the process in a state that nobody knows: it is logged, and the process ends, so that it is started anew.
 * But it lets everybody go as for a signal: of thousands of clients one at most has to do with it.
 */
function stopOnFault(logger: Logger, stop: Stop): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    // Not as fatal, which pino flushes: on a full disk it would try for ever.
    logger.error({ err: error, origin }, 'a fault that nothing was prepared for; the server stops');
    stop('a fault', 1);
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
    process.stderr.write(`${reason}; ending all the same.\n`);
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
  // There is nowhere to say it.
}

main().catch((error: unknown) => {
  process.stderr.write(
    error instanceof StartupError ? `${error.message}\n` : `Milepost could not start: ${(error as Error).stack}\n`,
  );
  process.exit(1);
});
