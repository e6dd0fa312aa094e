import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Limit of the buffer for lines that cannot be written, as on a full disk. Lines beyond it are dropped. */
const MAX_UNWRITTEN_BYTES = 1024 * 1024;

/** A logger that writes JSON lines to standard error, since standard output is for people. It never throws. */
export function createLogger(level: string): Logger {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: MAX_UNWRITTEN_BYTES });
  // Without a listener the error would be thrown to the caller of the logger.
  destination.on('error', () => undefined);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
