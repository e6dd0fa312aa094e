import { expect, test } from 'vitest';
import { inBatches } from '../../src/execution/batches.ts';
import { deferred, soon } from '../support/wait.ts';

test('available events come in batches, and each batch waits only for its first event', async () => {
  const more = deferred();
  const batches = inBatches(
    (async function* () {
      yield* [1, 2, 3, 4, 5, 6, 7];
      await more.promise;
      yield 8;
      throw new Error('broken');
    })(),
    3,
  );
  expect(await batches.next()).toEqual({ done: false, value: [1, 2, 3] });
  expect(await batches.next()).toEqual({ done: false, value: [4, 5, 6] });
  expect((await soon('what is there', batches.next())).value).toEqual([7]);
  const pending = batches.next();
  more.resolve();
  expect((await pending).value).toEqual([8]);
  await expect(batches.next()).rejects.toThrow('broken');
});

test('the end comes after the last batch', async () => {
  const batches = inBatches(
    (async function* () {
      yield* [1, 2];
    })(),
    3,
  );
  expect(await batches.next()).toEqual({ done: false, value: [1, 2] });
  expect(await batches.next()).toEqual({ done: true, value: undefined });
});
