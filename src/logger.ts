import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** A logger that writes JSON lines to standard error, so that standard output stays for people. */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
