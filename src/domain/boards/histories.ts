import type { Metric, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { readHistories } from '../estimates/knowledge.ts';
import { type BoardScope, weighedKinds } from './board-parts.ts';

/** The number of subjects that are worked out from their claims at a time. */
const WORKED_OUT_AT_ONCE = 200;
/** Up to so many histories are remembered, so that a board works them out once. More are read again, so that memory is bounded. */
const MOST_REMEMBERED = 1_000;

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

  /** Those of some subjects in a metric, by subject. */
  async among(ids: readonly number[], metric: Metric): Promise<ReadonlyMap<number, MetricHistory>> {
    if (this.#remembered === null)
      return readHistories(this.#db, ids, { metric, withinId: this.#scope.withinId, asOf: this.#asOf });
    const wanted = new Set(ids);
    const found = this.#remembered.filter(({ history }) => history.metric === metric && wanted.has(history.subjectId));
    return new Map(found.map(({ history }) => [history.subjectId, history]));
  }

  async *#readAll(): AsyncGenerator<Known> {
    const all: Known[] = [];
    for await (const known of this.#read()) {
      if (all.length <= MOST_REMEMBERED) all.push(known);
      yield known;
    }
    if (all.length <= MOST_REMEMBERED) this.#remembered = all;
  }

  /** A few hundred at a time, so that others are served and memory is bounded. */
  async *#read(): AsyncGenerator<Known> {
    const { metrics, kinds, withinId } = this.#scope;
    const subjects = await this.#db.subject.findMany({
      where: { kind: { in: [...weighedKinds(kinds)] } },
      select: { id: true, kind: true },
      orderBy: { id: 'asc' },
    });
    for (let at = 0; at < subjects.length; at += WORKED_OUT_AT_ONCE) {
      const some = subjects.slice(at, at + WORKED_OUT_AT_ONCE);
      const ids = some.map(({ id }) => id);
      for (const metric of metrics) {
        const histories = await readHistories(this.#db, ids, { metric, withinId, asOf: this.#asOf });
        for (const { id, kind } of some) {
          const history = histories.get(id);
          if (history !== undefined && !history.isAnotherName) yield { kind, history };
        }
      }
    }
  }
}
