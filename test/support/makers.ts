import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { FigureInput } from '../../src/domain/claims/figure-input.ts';
import { recordFigure, recordFigures } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { addDays } from '../../src/domain/values/calendar.ts';

/** A maker whose figures a test records one after the other. */
export interface Maker {
  readonly slug: string;
  /** Records the figure of the next day, with the given value or a new one; returns the value. */
  record(value?: number): Promise<number>;
  /** Records many in one write, each with a note. */
  recordMany(count: number, note: string): Promise<void>;
}

/** Makes a brand with a source to record from. */
export async function makeMaker(db: PrismaClient, slug = 'aurora'): Promise<Maker> {
  await createSubject(db, { kind: 'BRAND', slug, name: slug });
  const { source } = await registerSource(db, {
    publisher: { slug: `${slug}-news`, name: slug, tier: 1 },
    title: slug,
  });
  let day = 0;
  const next = (value = 1_000 + day): FigureInput => {
    const period = addDays('1950-01-01', day);
    day += 1;
    return { subject: slug, metric: 'DELIVERIES', period, value, qualifier: 'EXACT', sourceId: source.id };
  };
  return {
    slug,
    record: async (value) => {
      const input = next(value);
      await recordFigure(db, input);
      return input.value as number;
    },
    recordMany: async (count, note) => {
      await recordFigures(
        db,
        Array.from({ length: count }, () => ({ ...next(), note })),
      );
    },
  };
}
