import fc from 'fast-check';
import type { Metric, PrismaClient, Source } from '../../../src/database/generated/client.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';

/** What figures of a family are about: the subject by its number, a metric and a period. */
export interface FamilySlot {
  readonly subject: number;
  readonly metric: Metric;
  readonly period: string;
}

const anyPeriod = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('../2024-12-31', '../2025-01-31', '../2025-03-31') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('2025-01', '2025-02', '2025-03', '2025-Q1', '2025-01/2025-02', '2025-Q2', '2025'),
  },
);

/** Few values, so that claims meet; milestones come from deliveries and production, and not from swaps. */
export const anySlots: fc.Arbitrary<readonly FamilySlot[]> = fc.uniqueArray(
  fc.record({
    subject: fc.nat(2),
    metric: fc.oneof(
      { weight: 8, arbitrary: fc.constant<Metric>('DELIVERIES') },
      { weight: 1, arbitrary: fc.constantFrom<Metric>('PRODUCTION', 'BATTERY_SWAPS') },
    ),
    period: anyPeriod,
  }),
  { minLength: 1, maxLength: 5, selector: textOfSlot },
);

export function textOfSlot({ subject, metric, period }: FamilySlot): string {
  return [subject, metric, period].join(' ');
}

/** On either side of the numbers that count as milestones. */
export const AMOUNTS = [0, 900, 5_000, 9_990, 10_000, 10_400, 48_000, 52_000, 101_000] as const;

/** Subjects that take part in each other's values and that no other test uses: a company and its two brands. */
export interface Family {
  /** What the slugs of its subjects begin with. */
  readonly prefix: string;
  /** The company, and then its brands. */
  readonly slugs: readonly string[];
}

let families = 0;

/** Makes a family of its own. */
export async function makeFamily(db: PrismaClient): Promise<Family> {
  families += 1;
  const prefix = `family-${families}-`;
  const [company, ...brands] = ['company', 'brand', 'other-brand'].map((name) => `${prefix}${name}`);
  await createSubject(db, { kind: 'COMPANY', slug: company as string, name: 'Company' });
  for (const [index, slug] of brands.entries()) {
    const firstDeliveryOn = index === 0 ? '2024-11' : null;
    await createSubject(db, { kind: 'BRAND', slug, name: slug, parent: company as string, firstDeliveryOn });
  }
  return { prefix, slugs: [company as string, ...brands] };
}

/** Sources of every tier, with and without a day. */
export async function makeSources(db: PrismaClient): Promise<readonly Source[]> {
  const wanted = [
    { tier: 1, publishedOn: '2026-01-13' },
    { tier: 1, publishedOn: null },
    { tier: 2, publishedOn: '2026-01-14' },
    { tier: 3, publishedOn: '2026-01-12' },
    { tier: 3, publishedOn: '2026-01-15' },
    { tier: 4, publishedOn: null },
    { tier: 4, publishedOn: null },
  ];
  const sources: Source[] = [];
  for (const [index, { tier, publishedOn }] of wanted.entries()) {
    const publisher = { slug: `publisher-${index}`, name: `Publisher ${index}`, tier };
    sources.push((await registerSource(db, { publisher, title: `Document ${index}`, publishedOn })).source);
  }
  return sources;
}
