import type { PrismaClient } from '../../src/database/generated/client.ts';
import { addDays } from '../../src/domain/calendar.ts';
import { recordFigure, recordFigures } from '../../src/domain/figure.ts';
import type { FigureInput } from '../../src/domain/figure-input.ts';
import { registerSource } from '../../src/domain/source.ts';
import { createSubject } from '../../src/domain/subject.ts';

/** A maker whose figures a test records one after the other. */
export interface Maker {
  readonly slug: string;
  /** Records the next figure, a day on, with the value given or one of its own; the value. */
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
