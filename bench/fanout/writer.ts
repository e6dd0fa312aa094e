import { headOf, readAfter, readLogState } from '../../src/changes/log.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { announceMilestone } from '../../src/domain/editing/milestones.ts';
import { recordFigures } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { addDays } from '../../src/domain/values/calendar.ts';
import { now } from './settings.ts';

/** How many figures each maker gets, so that none has more than a maker has in a year. */
const FIGURES_EACH = 365;
const FIRST_VALUE = 100_000;
const MILESTONES = ['The first car is delivered', 'The factory opens', 'The second model is shown'];

/** What was written: the unique values of the figures, the times of their commits, and their places in the log. */
interface Written {
  readonly values: readonly number[];
  readonly committedAt: number;
  readonly positions: readonly bigint[];
}

export interface Writer {
  /** Writes figures in one transaction, at most FIGURES_EACH. */
  write(count: number): Promise<Written>;
}

/** Writes one figure after the other about makers with three milestones each. */
export async function createWriter(db: PrismaClient): Promise<Writer> {
  const { source } = await registerSource(db, {
    publisher: { slug: 'news', name: 'News', tier: 1 },
    title: 'Deliveries',
  });
  let makers = 0;
  let left = 0;
  let written = 0;

  const addMaker = async (): Promise<void> => {
    makers += 1;
    left = FIGURES_EACH;
    const subject = `aurora-${makers}`;
    await createMaker(db, { slug: subject, name: `Aurora ${makers}` }, source.id);
  };

  return {
    write: async (count) => {
      if (left < count) await addMaker();
      const head = headOf(await readLogState(db));
      const values = Array.from({ length: count }, (_, index) => FIRST_VALUE + written + index);
      await recordFigures(
        db,
        values.map((value, index) => ({
          subject: `aurora-${makers}`,
          metric: 'DELIVERIES',
          period: addDays('2020-01-01', FIGURES_EACH - left + index),
          value,
          qualifier: 'EXACT',
          // Every value is another one, so that it is known again; together they are no maker's.
          acknowledgeOutlier: true,
          sourceId: source.id,
        })),
      );
      const committedAt = now();
      left -= count;
      written += count;
      const entries = await readAfter(db, head, 10 * count);
      return {
        values,
        committedAt,
        positions: entries.filter(({ kind }) => kind === 'FIGURE').map(({ position }) => position),
      };
    },
  };
}

/** Makes a brand with three milestones, which the events are asked for as well. */
export async function createMaker(
  db: PrismaClient,
  { slug, name }: { readonly slug: string; readonly name: string },
  sourceId: number,
): Promise<void> {
  await createSubject(db, { kind: 'BRAND', slug, name });
  for (const title of MILESTONES)
    await announceMilestone(db, {
      subject: slug,
      kind: 'OTHER',
      title,
      reachedOn: '2015-06',
      expected: false,
      sourceId,
    });
}
