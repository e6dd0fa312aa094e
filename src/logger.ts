import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** What could not be written yet, as to a full disk, is kept up to so many bytes; of what comes then nothing. */
const MAX_UNWRITTEN_BYTES = 1024 * 1024;

/** A logger that writes JSON lines to standard error, so that standard output stays for people. It never throws. */
export function createLogger(level: string): Logger {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: MAX_UNWRITTEN_BYTES });
  // An error that nobody listens to would be thrown at whoever wanted to log one.
  destination.on('error', () => undefined);
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
