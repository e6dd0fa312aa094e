import { setImmediate as nextTurn } from 'node:timers/promises';

const NOT_YET = Symbol('not yet');

/**
 * Hands events on in batches, so that they can be executed together. A batch has the events that are ready, at least one and at most the
 * given number.
 * It waits only for the first event of a batch, and then no longer than a turn of the event loop, if more can be ready. An error of the
 * source is thrown after its last event.
 */
export async function* inBatches<Event>(
  events: AsyncIterator<Event>,
  most: number,
  canBeMore: () => boolean = () => true,
): AsyncGenerator<readonly Event[], undefined, undefined> {
  let pending: Promise<IteratorResult<Event>> | null = null;
  for (;;) {
    const batch: Event[] = [];
    let turn: Promise<typeof NOT_YET> | undefined;
    while (batch.length < most && (batch.length === 0 || canBeMore())) {
      pending ??= events.next();
      const step = turn === undefined ? await pending : await Promise.race([pending, turn]).catch(() => NOT_YET);
      if (step === NOT_YET || typeof step === 'symbol') break;
      pending = null;
      if (step.done === true) {
        if (batch.length > 0) yield batch;
        return undefined;
      }
      batch.push(step.value);
      turn ??= nextTurn(NOT_YET);
    }
    yield batch;
  }
}
