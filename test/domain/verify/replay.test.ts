import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient, Source } from '../../../src/database/generated/client.ts';
import type { FigureInput } from '../../../src/domain/claims/figure-input.ts';
import { announceMilestone } from '../../../src/domain/editing/milestones.ts';
import { recordFigure, recordFigures } from '../../../src/domain/editing/record-figures.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { AMOUNTS, anySlots, type Family, type FamilySlot, makeFamily, makeSources, textOfSlot } from './scenario.ts';

const MINUTE_MS = 60_000;
const FIRST_RECORDED_AT = Date.parse('2026-02-01T00:00:00Z');

/** A generated figure, with the number of its source and the batch that it can be sent in. */
interface Made extends FamilySlot, Omit<FigureInput, keyof FamilySlot | 'sourceId'> {
  readonly source: number;
  readonly batch: number;
}

/** A milestone that a source claims. */
interface Claimed extends Pick<FamilySlot, 'subject' | 'metric'> {
  readonly source: number;
  readonly threshold: number;
  readonly reachedOn: string | null;
  readonly expected: boolean;
}

/** What is sent at once, all of it with the same time of recording. */
interface Batch {
  readonly figures: readonly Made[];
  readonly recordedAt: Date;
}

const anyHistory = anySlots.chain((slots) => {
  const anySlot = fc.constantFrom(...slots);
  const anyFigure: fc.Arbitrary<Made> = fc
    .record({
      slot: anySlot,
      source: fc.nat(6),
      batch: fc.nat(5),
      qualifier: fc.constantFrom('EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER', 'BETWEEN'),
      amount: fc.constantFrom(...AMOUNTS),
      rank: fc.constantFrom('NORMAL', 'NORMAL', 'NORMAL', 'NORMAL', 'PREFERRED', 'DEPRECATED'),
    })
    .map(({ slot, amount, ...figure }) => ({
      ...slot,
      ...figure,
      ...(figure.qualifier === 'BETWEEN' ? { lower: amount, upper: amount + 500 } : { value: amount }),
      acknowledgeOutlier: true,
    }));
  const anyMilestone: fc.Arbitrary<Claimed> = fc
    .record({
      slot: anySlot,
      // Only dated sources: callers do not choose when a claim is recorded, so that time must not decide here.
      source: fc.constantFrom(0, 2, 3, 4),
      threshold: fc.constantFrom(10_000, 50_000, 70_000),
      reachedOn: fc.constantFrom(null, '2025', '2025-02', '2025-03-15', '2024-12-31'),
      expected: fc.boolean(),
    })
    .map(({ slot: { subject, metric }, ...claim }) => ({ subject, metric, ...claim }));
  return fc.record({
    // Only a source's first figure about a slot is kept: a second one would be refused.
    figures: fc.uniqueArray(anyFigure, {
      minLength: 4,
      maxLength: 14,
      selector: (made) => `${made.source} ${textOfSlot(made)}`,
    }),
    milestones: fc.uniqueArray(anyMilestone, {
      maxLength: 2,
      selector: ({ subject, source, metric, threshold }) => [subject, source, metric, threshold].join(' '),
    }),
  });
});

/** The figures of a history in three orders: one by one, in batches, and mixed. */
const anyOrders = anyHistory.chain(({ figures, milestones }) => {
  const batches = batchesOf(figures);
  return fc.record({
    milestones: fc.constant(milestones),
    batches: fc.constant(batches),
    oneByOne: shuffled(batches.flatMap(split)),
    inBatches: shuffled(batches),
    inPieces: fc
      .tuple(...batches.map((batch) => fc.boolean().map((whole) => (whole ? [batch] : split(batch)))))
      .chain((pieces) => shuffled(pieces.flat())),
  });
});

let place: TestDatabase;
let db: PrismaClient;
let sources: readonly Source[];

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  sources = await makeSources(db);
});

afterAll(() => place[Symbol.asyncDispose]());

test('the same figures give the same result in any order, one by one and in batches', async () => {
  await fc.assert(
    fc.asyncProperty(anyOrders, async ({ milestones, batches, oneByOne, inBatches, inPieces }) => {
      const wanted = await replay([...milestones, ...batches.flatMap(split)]);
      expect(await replay([...oneByOne, ...milestones])).toEqual(wanted);
      expect(await replay(interleave(inBatches, [...milestones].reverse()))).toEqual(wanted);
      expect(await replay(interleave(inPieces, milestones))).toEqual(wanted);
    }),
    { numRuns: 10, interruptAfterTimeLimit: 45_000 },
  );
}, 120_000);

test('everything that these tests left behind is what the figures amount to', async () => {
  const { observations, differences } = await verifyDerived(db);
  expect(differences).toEqual([]);
  expect(observations).toBeGreaterThan(50);
});

/** Writes a history about a family of its own, in this order; returns the result. */
async function replay(history: readonly (Batch | Claimed)[]) {
  const family = await makeFamily(db);
  for (const event of history) {
    if ('threshold' in event) await announce(family, event);
    else await record(family, event);
  }
  return amountOf(family);
}

async function record(family: Family, { figures, recordedAt }: Batch): Promise<void> {
  const inputs = figures.map(({ subject, source, batch: _batch, ...figure }) => ({
    ...figure,
    subject: family.slugs[subject] as string,
    sourceId: (sources[source] as Source).id,
  }));
  const [first] = inputs;
  const recorded =
    inputs.length === 1
      ? await recordFigure(db, first as FigureInput, recordedAt)
      : await recordFigures(db, inputs, recordedAt);
  expect(recorded.deduplicated).toBe(0);
}

async function announce(family: Family, { subject, source, ...claim }: Claimed): Promise<void> {
  await announceMilestone(db, {
    ...claim,
    kind: 'UNITS',
    title: 'So many',
    subject: family.slugs[subject] as string,
    sourceId: (sources[source] as Source).id,
  });
}

/** Everything that is derived from the figures about a family, without the times of writing. */
async function amountOf({ prefix }: Family) {
  const ofFamily = { subject: { slug: { startsWith: prefix } } };
  const observations = await db.observation.findMany({
    where: ofFamily,
    include: { subject: true, best: { include: { source: true } } },
  });
  const milestones = await db.milestone.findMany({
    // A milestone that was detected and then withdrawn stays; in another order it may never have been detected.
    where: { ...ofFamily, status: { not: 'WITHDRAWN' } },
    include: { subject: true },
  });
  const nameOf = ({ slug }: { slug: string }) => slug.slice(prefix.length);
  return {
    observations: observations
      .map(({ subject, metric, period, value, lower, upper, qualifier, agreement, resolution, revised, best }) => ({
        about: [nameOf(subject), metric, period].join(' '),
        says: { value, lower, upper, qualifier, agreement, resolution, revised },
        best: { source: best?.source.title, value: best?.value },
      }))
      .sort(byAbout),
    milestones: milestones
      .map(({ subject, metric, threshold, status, reachedOn, sortOn, elapsedSort, windowFrom, windowUntil }) => ({
        about: [nameOf(subject), metric, threshold].join(' '),
        says: { status, reachedOn, sortOn, elapsedSort, windowFrom, windowUntil },
      }))
      .sort(byAbout),
  };
}

/**
 * The figures in the batches that they are sent in, each recorded a minute after the one before. Two figures about the same slot are never in one batch:
 * only their order would say which of them was recorded first.
 */
function batchesOf(figures: readonly Made[]): readonly Batch[] {
  const batches = new Map<string, Made[]>();
  const places = new Map<string, number>();
  for (const made of figures) {
    const inBatch = `${made.batch} ${textOfSlot(made)}`;
    const before = places.get(inBatch) ?? 0;
    places.set(inBatch, before + 1);
    const key = `${made.batch} ${before}`;
    batches.set(key, [...(batches.get(key) ?? []), made]);
  }
  return [...batches.values()].map((together, index) => ({
    figures: together,
    recordedAt: new Date(FIRST_RECORDED_AT + index * MINUTE_MS),
  }));
}

function split({ figures, recordedAt }: Batch): readonly Batch[] {
  return figures.map((figure) => ({ figures: [figure], recordedAt }));
}

function shuffled<T>(list: readonly T[]): fc.Arbitrary<readonly T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

function interleave<A, B>(some: readonly A[], others: readonly B[]): readonly (A | B)[] {
  const length = Math.max(some.length, others.length);
  return Array.from({ length }, (_, index) => [
    ...some.slice(index, index + 1),
    ...others.slice(index, index + 1),
  ]).flat();
}

function byAbout(a: { readonly about: string }, b: { readonly about: string }): number {
  return a.about < b.about ? -1 : a.about > b.about ? 1 : 0;
}
