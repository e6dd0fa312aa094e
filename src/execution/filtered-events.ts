import type { ChangeEntry, Place } from '../changes/log.ts';
import type { ChangeStream } from '../changes/stream.ts';

/** Reports the places that were passed: an event's place when it was handed on, another entry's place while no event is under way. */
export class FilteredEvents {
  /** The log as the operation filters it. When it asks for the next entry, it has decided on the ones before. */
  readonly stream: ChangeStream;
  readonly #passed: (place: Place) => void;
  #underWay = 0;

  constructor(source: ChangeStream, passed: (place: Place) => void = () => undefined) {
    this.#passed = passed;
    const stream: ChangeStream = {
      next: () => {
        if (this.#underWay === 0) passed(source.place);
        return source.next();
      },
      return: () => source.return(),
      get place() {
        return source.place;
      },
      [Symbol.asyncIterator]: () => stream,
    };
    this.stream = stream;
  }

  /** The same events; each counts as under way until it is handed on. */
  count(events: AsyncIterator<ChangeEntry>): AsyncIterator<ChangeEntry> {
    return {
      next: async () => {
        const step = await events.next();
        if (step.done !== true) this.#underWay += 1;
        return step;
      },
    };
  }

  handOn(entry: ChangeEntry): void {
    this.#underWay -= 1;
    this.#passed(entry);
  }
}
