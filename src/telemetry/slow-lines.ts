import type { Logger } from '../logger.ts';

/** So many slow operations are told in an interval; of the others only their number. A flood of them must not fill the disk. */
const MOST_SLOW = 10;
const SLOW_INTERVAL_MS = 10_000;

/** Tells of slow operations, without their variables and keys. */
export function limitSlowLines(logger: Logger): (line: object) => void {
  let [since, told, untold] = [Number.NEGATIVE_INFINITY, 0, 0];
  return (line) => {
    const now = performance.now();
    if (now - since > SLOW_INTERVAL_MS) [since, told] = [now, 0];
    if (told >= MOST_SLOW) {
      untold += 1;
      return;
    }
    told += 1;
    logger.warn({ ...line, ...(untold > 0 ? { untold } : {}) }, 'an operation was slow');
    untold = 0;
  };
}
