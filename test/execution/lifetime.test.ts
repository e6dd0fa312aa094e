import { expect, test } from 'vitest';
import { TemporarilyUnavailable, TimedOut } from '../../src/errors.ts';
import { limitLifetimes } from '../../src/execution/lifetime.ts';
import { deferred, soon } from '../support/wait.ts';

const DEADLINE_SECONDS = 0.05;

test.each([
  ['its time is over', TimedOut],
  ['its readers are gone', TemporarilyUnavailable],
])('what is pushed fails because %s once its work has really ended', async (why, Reason) => {
  const gone = new AbortController();
  const [cut, over] = [deferred(), deferred()];
  const lifetimes = limitLifetimes(why === 'its time is over' ? DEADLINE_SECONDS : 60, (signal, work) => {
    signal.addEventListener('abort', cut.resolve);
    return work();
  });
  let hasFailed = false;
  const working = lifetimes.whileRead(gone.signal, () => over.promise);
  working.catch(() => {
    hasFailed = true;
  });
  if (why === 'its readers are gone') gone.abort();
  await soon('the cut', cut.promise);
  await new Promise(setImmediate);
  expect(hasFailed).toBe(false);
  over.resolve();
  await expect(working).rejects.toBeInstanceOf(Reason);
});
