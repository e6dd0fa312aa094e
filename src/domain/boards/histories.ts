import type { Metric, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { eachFamily } from '../catalog/each-family.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { readHistoriesOf } from '../estimates/knowledge.ts';
import { type BoardScope, weighedKinds } from './board-parts.ts';

/**
 * Histories with up to so many slots together are remembered, so that a board works them out once. More are worked out again each time, so
 * that memory is bounded.
 */
const MOST_REMEMBERED = 10_000;

interface Known {
  readonly kind: SubjectKind;
  readonly history: MetricHistory;
}

/** What a board knows from the claims: the histories of all subjects of its kinds. Those that are another name of a brand are left out. */
export class BoardHistories {
  readonly #db: Db;
  readonly #scope: BoardScope;
  readonly #asOf: Date | null;
  #remembered: readonly Known[] | null = null;

  constructor(db: Db, scope: BoardScope, asOf: Date | null) {
    this.#db = db;
    this.#scope = scope;
    this.#asOf = asOf;
  }

  /** Those of subjects of these kinds, which are among those that are weighed for the board. */
  async *of(kinds: readonly SubjectKind[]): AsyncGenerator<MetricHistory> {
    for await (const { kind, history } of this.#remembered ?? this.#readAll()) {
      if (kinds.includes(kind)) yield history;
    }
  }

  /** Those of some subjects in a metric. */
  async *among(ids: readonly number[], metric: Metric): AsyncGenerator<MetricHistory> {
    const wanted = new Set(ids);
    for await (const { history } of this.#remembered ?? this.#read(ids, [metric])) {
      if (history.metric === metric && wanted.has(history.subjectId)) yield history;
    }
  }

  async *#readAll(): AsyncGenerator<Known> {
    const all: Known[] = [];
    let slots = 0;
    for await (const known of this.#read(await this.#ids(), this.#scope.metrics)) {
      slots += known.history.slots.size;
      if (slots <= MOST_REMEMBERED) all.push(known);
      else all.length = 0;
      yield known;
    }
    if (slots <= MOST_REMEMBERED) this.#remembered = all;
  }

  /** Some families at a time, so that others are served and memory is bounded. */
  async *#read(ids: readonly number[], metrics: readonly Metric[]): AsyncGenerator<Known> {
    const { kinds, withinId } = this.#scope;
    const weighed = weighedKinds(kinds);
    for await (const relatives of eachFamily(this.#db, ids)) {
      const subjects = relatives.subjects.filter(({ kind }) => weighed.includes(kind));
      for (const metric of metrics) {
        const histories = await readHistoriesOf(this.#db, relatives, { metric, withinId, asOf: this.#asOf });
        for (const { id, kind } of subjects) {
          const history = histories.get(id);
          if (history !== undefined && !history.isAnotherName) yield { kind, history };
        }
      }
    }
  }

  async #ids(): Promise<readonly number[]> {
    const subjects = await this.#db.subject.findMany({
      where: { kind: { in: [...weighedKinds(this.#scope.kinds)] } },
      select: { id: true },
    });
    return subjects.map(({ id }) => id);
  }
}
