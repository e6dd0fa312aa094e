import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChangeEntry, headOf, readAfter, readLogState } from '../../../src/changes/log.ts';
import type { Figure, PrismaClient, Source } from '../../../src/database/generated/client.ts';
import type { FigureInput } from '../../../src/domain/claims/figure-input.ts';
import { slotKey } from '../../../src/domain/claims/slot.ts';
import { rankFigure, withdrawFigure } from '../../../src/domain/editing/amend-figures.ts';
import { announceMilestone, type MilestoneInput } from '../../../src/domain/editing/milestones.ts';
import { type RecordedFigures, recordFigure, recordFigures } from '../../../src/domain/editing/record-figures.ts';
import { reviseFigure } from '../../../src/domain/editing/revise-figures.ts';
import { createSubject, updateSubject } from '../../../src/domain/editing/subjects.ts';
import type { Estimate } from '../../../src/domain/estimates/observation.ts';
import {
  affectedByEntry,
  observationOfEntry,
  resolvedInEntry,
} from '../../../src/domain/estimates/observation-entry.ts';
import { thresholdsUpTo } from '../../../src/domain/milestones/crossing.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { BadInput } from '../../../src/errors.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { AMOUNTS, anySlots, type Family, type FamilySlot, makeFamily, makeSources } from './scenario.ts';

/** What is sent of a figure. The subject and the source are numbers, of which the last one of each is unknown. */
type SentFigure = FamilySlot & Omit<FigureInput, keyof FamilySlot | 'sourceId'> & { readonly source: number };

/** Something that is done; `figure` picks one of those recorded before. */
type Operation =
  | { readonly does: 'record'; readonly figure: SentFigure }
  | { readonly does: 'recordAll'; readonly figures: readonly SentFigure[] }
  | { readonly does: 'revise'; readonly figure: number; readonly amount: number; readonly source: number | null }
  | { readonly does: 'withdraw'; readonly figure: number }
  | { readonly does: 'rank'; readonly figure: number; readonly rank: 'PREFERRED' | 'NORMAL' | 'DEPRECATED' }
  | {
      readonly does: 'announce';
      readonly slot: FamilySlot;
      readonly source: number;
      readonly claim: Omit<MilestoneInput, 'subject' | 'metric' | 'sourceId'>;
    }
  | { readonly does: 'move'; readonly brand: number; readonly away: boolean };

/** One in a dozen is invalid; an invalid one is refused as a whole. */
const anyAmount = fc.oneof(
  { weight: 11, arbitrary: fc.constantFrom(...AMOUNTS) },
  { weight: 1, arbitrary: fc.constantFrom(-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1) },
);
const anySource = fc.oneof({ weight: 20, arbitrary: fc.nat(6) }, { weight: 1, arbitrary: fc.constant(7) });

/** Steps in sequence, each of one operation or of several at the same time. */
const anySteps = anySlots.chain((slots) => {
  const anySlot = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...slots) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<FamilySlot>(
        { subject: 3, metric: 'DELIVERIES', period: '2025' },
        { subject: 0, metric: 'DELIVERIES', period: '2999' },
        { subject: 0, metric: 'DELIVERIES', period: 'soon' },
      ),
    },
  );
  const anyFigure: fc.Arbitrary<SentFigure> = fc
    .record({
      slot: anySlot,
      source: anySource,
      qualifier: fc.constantFrom('EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER'),
      value: anyAmount,
      acknowledgeOutlier: fc.constantFrom(true, true, true, false),
    })
    .map(({ slot, ...figure }) => ({ ...slot, ...figure }));
  const anyClaim = fc.record({
    kind: fc.constantFrom('UNITS', 'UNITS', 'UNITS', 'LAUNCH'),
    threshold: fc.constantFrom(10_000, 10_000, 50_000, 70_000, 0),
    title: fc.constantFrom('So many', 'A new one', ' '),
    reachedOn: fc.constantFrom(null, '2025', '2025-02', '2025-03-15', '2024-12-31', 'soon'),
    expected: fc.boolean(),
  });
  const operations: Readonly<Record<Operation['does'], fc.Arbitrary<Operation>>> = {
    record: fc.record({ does: fc.constant('record'), figure: anyFigure }),
    recordAll: fc.record({ does: fc.constant('recordAll'), figures: fc.array(anyFigure, { maxLength: 5 }) }),
    revise: fc.record({
      does: fc.constant('revise'),
      figure: fc.nat(),
      amount: anyAmount,
      source: fc.oneof(fc.constant(null), anySource),
    }),
    withdraw: fc.record({ does: fc.constant('withdraw'), figure: fc.nat() }),
    rank: fc.record({
      does: fc.constant('rank'),
      figure: fc.nat(),
      rank: fc.constantFrom('PREFERRED', 'NORMAL', 'DEPRECATED'),
    }),
    announce: fc.record({ does: fc.constant('announce'), slot: anySlot, source: anySource, claim: anyClaim }),
    move: fc.record({ does: fc.constant('move'), brand: fc.constantFrom(1, 2), away: fc.boolean() }),
  };
  const anyOperation = fc.oneof(
    { weight: 5, arbitrary: operations.record },
    { weight: 2, arbitrary: operations.recordAll },
    { weight: 3, arbitrary: operations.revise },
    { weight: 2, arbitrary: operations.withdraw },
    { weight: 2, arbitrary: operations.rank },
    { weight: 2, arbitrary: operations.announce },
    { weight: 2, arbitrary: operations.move },
  );
  const anyStep = fc.oneof(
    anyOperation.map((operation) => [operation]),
    fc.array(anyOperation, { minLength: 2, maxLength: 4 }),
  );
  return fc.array(anyStep, { minLength: 4, maxLength: 12 });
});

/** The result of a sequence of operations. */
interface Outcome {
  readonly family: Family;
  /** What was really done to figures, as `figure action`. */
  readonly done: readonly string[];
  readonly entries: readonly ChangeEntry[];
}

let place: TestDatabase;
let db: PrismaClient;
let sources: readonly Source[];

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  sources = await makeSources(db);
});

afterAll(() => place[Symbol.asyncDispose]());

test('whatever is written, in any order and at the same time, is stored as it amounts to and logged once', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, async (steps) => {
      const outcome = await runSteps(steps);
      await expectVerified(outcome.family);
      expectLoggedOnce(outcome);
      await expectLogLeadsTo(outcome);
      await expectRanksCarried(outcome);
    }),
    { numRuns: 16, interruptAfterTimeLimit: 45_000 },
  );
}, 120_000);

test('a figure that is ranked and restated at the same time keeps its rank, or the ranking is refused', async () => {
  const family = await makeFamily(db);
  for (const period of ['2025-01', '2025-02', '2025-03']) {
    const recorded = await recordFigure(db, inputOf(family, { ...EXACT, period, value: 900 }));
    const { id } = recorded.figures[0] as Figure;
    const [ranked, revised] = await Promise.allSettled([
      rankFigure(db, id, 'DEPRECATED', 'A slip.'),
      reviseFigure(db, id, { value: 901, qualifier: 'EXACT', reason: 'Restated.' }),
    ]);
    const successor = await db.figure.findUniqueOrThrow({ where: { revisesId: id } });
    expect(revised.status).toBe('fulfilled');
    expect(successor.rank).toBe(ranked.status === 'fulfilled' ? 'DEPRECATED' : 'NORMAL');
  }
});

describe('a change to a subject', () => {
  test('moves the starting point that its milestones are measured from', async () => {
    const family = await makeFamily(db);
    const [company, brand] = family.slugs as [string, string];
    await recordFigure(db, inputOf(family, { ...EXACT, subject: 1, period: '../2024-12-31', value: 10_400 }));
    await announceMilestone(db, { ...LAUNCH, subject: brand, sourceId: sourceOf(0) });
    await announceMilestone(db, { ...LAUNCH, subject: company, sourceId: sourceOf(0) });
    const head = headOf(await readLogState(db));
    await updateSubject(db, brand, { firstDeliveryOn: '2024-12-02' });
    const detected = await db.milestone.findFirstOrThrow({ where: { subject: { slug: brand }, kind: 'UNITS' } });
    expect(detected).toMatchObject({ reachedOn: '2024-12', windowFrom: new Date('2024-12-02') });
    expect((await readAfter(db, head, 10)).map(({ kind, status }) => [kind, status])).toEqual([
      ['SUBJECT', null],
      ['MILESTONE', 'ANNOUNCED'],
      ['MILESTONE', 'DETECTED'],
    ]);
    await expectVerified(family);
  });

  test('changes what is detected of a company: by its brands, and by whether they are complete', async () => {
    const family = await makeFamily(db);
    const [company, brand, other] = family.slugs as [string, string, string];
    const detected = async () => {
      await expectVerified(family);
      const rows = await db.milestone.findMany({ where: { subject: { slug: company } } });
      return rows.map(({ status }) => status);
    };
    await recordFigure(db, inputOf(family, { ...EXACT, subject: 1, period: '../2024-12-31', value: 9_990 }));
    await recordFigure(db, inputOf(family, { ...EXACT, subject: 2, period: '../2024-12-31', value: 900 }));
    expect(await detected()).toEqual(['DETECTED']);
    // With other brands it has counted at least as much.
    await updateSubject(db, company, { brandsComplete: false });
    expect(await detected()).toEqual(['DETECTED']);
    await updateSubject(db, company, { brandsComplete: true });
    await updateSubject(db, other, { parent: null });
    expect(await detected()).toEqual(['WITHDRAWN']);
    await updateSubject(db, other, { parent: company });
    expect(await detected()).toEqual(['DETECTED']);
    await createSubject(db, { kind: 'BRAND', slug: `${family.prefix}third`, name: 'Third', parent: company });
    expect(await detected()).toEqual(['DETECTED']);
    await updateSubject(db, brand, { nameZh: '牌' });
    expect(await detected()).toEqual(['DETECTED']);
  });

  test('takes back what is detected of a company when it becomes its only brand under another name', async () => {
    const family = await makeFamily(db);
    const [company, , other] = family.slugs as [string, string, string];
    const detected = async () => {
      await expectVerified(family);
      const rows = await db.milestone.findMany({ where: { subject: { slug: company } } });
      return rows.map(({ status }) => status);
    };
    await recordFigure(db, inputOf(family, { ...EXACT, subject: 1, period: '../2024-12-31', value: 10_400 }));
    expect(await detected()).toEqual(['DETECTED']);
    await updateSubject(db, other, { parent: null });
    expect(await detected()).toEqual(['WITHDRAWN']);
    await updateSubject(db, company, { brandsComplete: false });
    expect(await detected()).toEqual(['DETECTED']);
  });
});

test('an announced number of something other than vehicles stays announced, whichever came first', async () => {
  const family = await makeFamily(db);
  const sourceId = sourceOf(0);
  const claim = { kind: 'UNITS', metric: 'BATTERY_SWAPS', threshold: 10_000, title: 'So many', sourceId } as const;
  const figure = { ...EXACT, metric: 'BATTERY_SWAPS', period: '../2024-12-31', value: 52_000 } as const;
  const [company, brand] = family.slugs as [string, string];
  await announceMilestone(db, { ...claim, subject: company });
  await recordFigure(db, inputOf(family, figure));
  await recordFigure(db, inputOf(family, { ...figure, subject: 1 }));
  await announceMilestone(db, { ...claim, subject: brand });
  const rows = await db.milestone.findMany({ where: { subject: { slug: { startsWith: family.prefix } } } });
  expect(rows.map(({ status }) => status)).toEqual(['ANNOUNCED', 'ANNOUNCED']);
  await expectVerified(family);
});

test('a wrong unit gives no more milestones than there are numbers to pass', () => {
  expect(thresholdsUpTo(1_000_000_000)).toHaveLength(113);
  expect(thresholdsUpTo(Number.MAX_SAFE_INTEGER)).toEqual(thresholdsUpTo(1_000_000_000));
});

describe('the verification', () => {
  test('finds nothing when a later value takes a crossing back', async () => {
    const family = await makeFamily(db);
    await recordFigure(db, inputOf(family, { ...EXACT, period: '../2025-01-31', value: 9_990 }));
    await recordFigure(
      db,
      inputOf(family, { ...EXACT, period: '../2024-12-31', value: 10_400, acknowledgeOutlier: true }),
    );
    await expectVerified(family);
  });

  test('names an observation and a milestone that differ from what the figures amount to', async () => {
    await using tampered = await openTampered();
    await tampered.run(`update "Observation" set value = value + 1, upper = upper + 1 where period = '2025-01'`);
    await tampered.run(`update "Milestone" set status = 'WITHDRAWN' where threshold = 10000`);
    expect(await tampered.differences()).toEqual([
      {
        about: `${tampered.slug} DELIVERIES 2025-01`,
        kept: expect.stringMatching(/^EXACT 901 \[900, 901\] SOLE/),
        recomputed: expect.stringMatching(/^EXACT 900 \[900, 900\] SOLE/),
      },
      {
        about: `${tampered.slug}: Company passes 10,000 deliveries`,
        kept: expect.stringContaining('WITHDRAWN'),
        recomputed: expect.stringContaining('DETECTED'),
      },
    ]);
  });

  test('names stored rows that should not exist, and missing rows that should', async () => {
    await using tampered = await openTampered();
    await tampered.run(`delete from "Observation" where period = '2025-01'`);
    await tampered.run(`delete from "Milestone" where threshold = 10000`);
    await tampered.run(
      `insert into "Observation" ("subjectId", metric, period, kind, "periodEnd", slot, value, qualifier, method, agreement, origins, resolution)
       select id, 'EXPORTS', '2025', 'YEAR', '2025-12-31', 'stray', 5, 'EXACT', 'ASSERTED', 'SOLE', 1, 'Nobody says so.'
         from "Subject" where slug = '${tampered.slug}'`,
    );
    expect(await tampered.differences()).toEqual([
      {
        about: expect.stringMatching(/^the log at \d+$/),
        kept: `MILESTONE of ${tampered.slug}`,
        recomputed: 'nothing: there is no such milestone',
      },
      {
        about: expect.stringMatching(/^the log at \d+$/),
        kept: expect.stringMatching(`^MILESTONE of ${tampered.slug} with the digest `),
        recomputed: expect.stringMatching(/^another digest/),
      },
      { about: `${tampered.slug} DELIVERIES 2025-01`, kept: 'nothing', recomputed: expect.stringContaining('900') },
      { about: `${tampered.slug} EXPORTS 2025`, kept: expect.stringContaining('5'), recomputed: 'nothing' },
      {
        about: `${tampered.slug}: Company passes 10,000 deliveries`,
        kept: 'nothing',
        recomputed: 'a detected milestone',
      },
    ]);
  });

  test('names every column that differs, and how', async () => {
    await using tampered = await openTampered();
    for (const [table, column, value] of [
      ['Observation', 'upper', '901'],
      ['Observation', 'qualifier', `'ABOUT'`],
      ['Observation', 'resolution', `'Because.'`],
      ['Observation', 'revised', 'true'],
      ['Observation', 'agreement', `'CONFLICTS'`],
      ['Observation', 'bestId', 'null'],
      ['Observation', 'method', `'DERIVED'`],
      ['Observation', 'decidedBy', `'SUMS'`],
      ['Observation', 'origins', '2'],
      ['Observation', 'missing', `'{2025-01}'`],
      ['Observation', 'isAnotherName', 'true'],
      ['Observation', 'kind', `'RANGE'`],
      ['Observation', 'metric', `'EXPORTS'`],
      ['Observation', 'period', `'2025-03'`],
      ['Observation', 'periodStart', `'2025-01-02'`],
      ['Observation', 'periodEnd', `'2025-02-01'`],
      ['Milestone', 'status', `'CONFIRMED'`],
      ['Milestone', 'reachedOn', `'2025'`],
      ['Milestone', 'windowFrom', `'2024-12-30'`],
      ['Milestone', 'windowUntil', `'2024-12-30'`],
      ['Milestone', 'sortOn', `'2024-12-30'`],
      ['Milestone', 'elapsedSort', '1'],
    ]) {
      const one = table === 'Observation' ? `period = '2025-01'` : 'threshold = 10000';
      await tampered.run(`create table before as select * from "${table}" where ${one}`);
      await tampered.run(`update "${table}" set "${column}" = ${value} where ${one}`);
      const [difference, ...others] = await tampered.differences();
      expect([column, others]).toEqual([column, []]);
      expect([column, difference?.kept]).not.toEqual([column, difference?.recomputed]);
      await tampered.run(`update "${table}" t set "${column}" = before."${column}" from before where t.id = before.id`);
      await tampered.run('drop table before');
      expect(await tampered.differences()).toEqual([]);
    }
  });

  test('finds nothing in an empty database', async () => {
    await using empty = await openTestDatabase();
    expect(await verifyDerived(empty.database.client)).toEqual({
      figures: 0,
      entries: 0,
      observations: 0,
      contradictions: 0,
      milestones: 0,
      differences: [],
    });
  });

  /** A database of its own with a month and a to-date value that detects a milestone. */
  async function openTampered() {
    const other = await openTestDatabase();
    const client = other.database.client;
    const [source] = await makeSources(client);
    const family = await makeFamily(client);
    const slug = family.slugs[0] as string;
    for (const [period, value] of [['2025-01', 900] as const, ['../2024-12-31', 10_400] as const]) {
      await recordFigure(client, { ...EXACT, subject: slug, sourceId: (source as Source).id, period, value });
    }
    return {
      slug,
      run: (sql: string) => client.$executeRawUnsafe(sql),
      differences: async () => (await verifyDerived(client)).differences,
      [Symbol.asyncDispose]: () => other[Symbol.asyncDispose](),
    };
  }
});

const EXACT = { subject: 0, source: 0, metric: 'DELIVERIES', qualifier: 'EXACT' } as const;
const LAUNCH = { kind: 'LAUNCH', title: 'A new one', reachedOn: '2025-03-15' } as const;

/** Runs all operations about a family of its own. */
async function runSteps(steps: readonly (readonly Operation[])[]): Promise<Outcome> {
  const family = await makeFamily(db);
  const head = headOf(await readLogState(db));
  const known: number[] = [];
  const done: string[] = [];
  for (const step of steps) {
    const before = [...known];
    const outcomes = await Promise.allSettled(step.map((operation) => run(family, before, operation)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        // No other error is the caller's fault.
        if (!(outcome.reason instanceof BadInput)) throw outcome.reason;
        continue;
      }
      if (outcome.value === null) continue;
      const { action, recorded } = outcome.value;
      const { figures, deduplicated, cursor } = recorded;
      const fresh = new Set(figures.map(({ id }) => id));
      expect(cursor === null).toBe(figures.length === deduplicated);
      if (action !== 'RECORDED' && deduplicated === 0) done.push(...[...fresh].map((id) => `${id} ${action}`));
      if (action === 'RECORDED') done.push(...Array(figures.length - deduplicated).fill('RECORDED'));
      known.push(...[...fresh].filter((id) => !known.includes(id)));
    }
  }
  return { family, done, entries: await readAfter(db, head, 100_000) };
}

async function run(
  family: Family,
  known: readonly number[],
  operation: Operation,
): Promise<{ readonly action: Figure['action']; readonly recorded: RecordedFigures } | null> {
  const pick = (index: number): number | null => known[index % known.length] ?? null;
  switch (operation.does) {
    case 'record':
      return { action: 'RECORDED', recorded: await recordFigure(db, inputOf(family, operation.figure)) };
    case 'recordAll': {
      const inputs = operation.figures.map((figure) => inputOf(family, figure));
      return { action: 'RECORDED', recorded: await recordFigures(db, inputs) };
    }
    case 'revise': {
      const { amount: value, source } = operation;
      const sourceId = source === null ? undefined : sourceOf(source);
      const input = { value, qualifier: 'EXACT', sourceId, reason: 'Restated.', acknowledgeOutlier: true } as const;
      return { action: 'REVISED', recorded: await reviseFigure(db, pick(operation.figure), input) };
    }
    case 'withdraw':
      return { action: 'WITHDRAWN', recorded: await withdrawFigure(db, pick(operation.figure), 'Taken back.') };
    case 'rank': {
      const { figure, rank } = operation;
      return { action: 'RANKED', recorded: await rankFigure(db, pick(figure), rank, 'Weighed.') };
    }
    case 'announce': {
      const { slot, source, claim } = operation;
      const about = { subject: subjectOf(family, slot.subject), metric: slot.metric };
      await announceMilestone(db, { ...claim, ...about, sourceId: sourceOf(source) });
      return null;
    }
    case 'move': {
      const parent = operation.away ? null : subjectOf(family, 0);
      await updateSubject(db, subjectOf(family, operation.brand), { parent });
      return null;
    }
  }
}

/** Nothing that is stored about the family differs from what its figures amount to. */
async function expectVerified({ prefix }: Family): Promise<void> {
  const { differences } = await verifyDerived(db);
  expect(differences.filter(({ about }) => about.startsWith(prefix))).toEqual([]);
}

/** Everything that was done to a figure has its one entry, and positions have no gaps. */
function expectLoggedOnce({ done, entries }: Outcome): void {
  const logged = entries.filter(({ kind }) => kind === 'FIGURE');
  const texts = logged.map(({ aboutId, action }) => (action === 'RECORDED' ? action : `${aboutId} ${action}`));
  expect(texts.sort()).toEqual([...done].sort());
  const recorded = logged.flatMap(({ aboutId, action }) => (action === 'RECORDED' ? [aboutId] : []));
  expect(new Set(recorded).size).toBe(recorded.length);
  const [first] = entries;
  expect(entries.map(({ position }) => position)).toEqual(
    entries.map((_, index) => (first as ChangeEntry).position + BigInt(index)),
  );
}

/**
 * The last entry about anything has what is stored of it now, or a later one names it among what changed, and each entry about a milestone
 * or contradiction begins where the one before ended.
 */
async function expectLogLeadsTo({ family: { prefix }, entries }: Outcome): Promise<void> {
  const ofFamily = { subject: { slug: { startsWith: prefix } } };
  const figures = new Map((await db.figure.findMany({ where: ofFamily })).map((figure) => [figure.id, figure]));
  /** What the log last said of a slot: what is known, null for nothing, or only that it is something else than before. */
  const told = new Map<string, Estimate | null | 'CHANGED'>();
  const statuses = new Map<number, string | null>();
  const resolved = new Map<number, boolean>();
  let isUntold = false;
  for (const entry of entries) {
    const { kind, aboutId, status, statusBefore, causedById } = entry;
    if (kind === 'FIGURE') {
      for (const slot of affectedByEntry(entry)) told.set(slot, 'CHANGED');
      const figure = figures.get(aboutId) as Figure;
      const observed = observationOfEntry({ ...entry, figure });
      told.set(slotKey(figure), observed === null ? null : estimateIn(observed));
    }
    if (kind === 'MILESTONE') {
      expect(statusBefore).toBe(statuses.get(aboutId) ?? null);
      statuses.set(aboutId, status);
    }
    if (kind === 'CONTRADICTION') {
      expect(resolvedInEntry(entry)).toBe(resolved.get(aboutId) === false);
      resolved.set(aboutId, resolvedInEntry(entry));
    }
    // What follows from a subject or an announcement is told by its own entry.
    if (kind === 'SUBJECT' || (kind === 'MILESTONE' && causedById === null)) {
      isUntold = true;
      for (const slot of told.keys()) told.set(slot, 'CHANGED');
    }
  }
  const kept = new Map((await db.observation.findMany({ where: ofFamily })).map((row) => [row.slot, row]));
  for (const [slot, said] of told) {
    const row = kept.get(slot);
    if (said !== 'CHANGED') expect([slot, row === undefined ? null : estimateIn(row)]).toEqual([slot, said]);
  }
  if (!isUntold) expect([...kept.keys()].filter((slot) => !told.has(slot))).toEqual([]);
  const milestones = await db.milestone.findMany({ where: ofFamily });
  expect(new Map(milestones.map(({ id, status }) => [id, status]))).toEqual(statuses);
  const contradictions = await db.contradiction.findMany({ where: ofFamily });
  expect(new Map(contradictions.map(({ id, resolvedAt }) => [id, resolvedAt !== null]))).toEqual(resolved);
}

/** The columns of an observation that say what is known. */
function estimateIn(row: Estimate): Estimate {
  const { value, lower, upper, qualifier, method, bestId, agreement } = row;
  const { decidedBy, origins, resolution, revised, missing } = row;
  const reasons = { decidedBy, origins, resolution, revised, missing };
  return { value, lower, upper, qualifier, method, bestId, agreement, ...reasons };
}

/** A restatement has the rank of the figure before it, unless it was ranked itself. */
async function expectRanksCarried({ family: { prefix }, entries }: Outcome): Promise<void> {
  const ranked = new Set(entries.flatMap(({ action, aboutId }) => (action === 'RANKED' ? [aboutId] : [])));
  const restated = await db.figure.findMany({
    where: { subject: { slug: { startsWith: prefix } }, revisesId: { not: null } },
    include: { revises: true },
  });
  for (const { id, rank, revises } of restated) if (!ranked.has(id)) expect(rank).toBe(revises?.rank);
}

function inputOf(family: Family, { subject, source, ...figure }: SentFigure): FigureInput {
  return { ...figure, subject: subjectOf(family, subject), sourceId: sourceOf(source) };
}

function subjectOf({ slugs }: Family, index: number): string {
  return slugs[index] ?? 'nobody';
}

function sourceOf(index: number): number | null {
  return sources[index]?.id ?? null;
}
