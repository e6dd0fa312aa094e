import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { FigureInput } from '../../../src/domain/claims/figure-input.ts';
import { recordFigure, recordFigures } from '../../../src/domain/editing/record-figures.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { statementsOf } from '../../support/statements.ts';

/** The embedded database begins and commits without statements. */
const [BEGIN, COMMIT] = inject('backend') === 'postgres' ? [['BEGIN'], ['COMMIT']] : [[], []];
/** With the wake-up of the tails after it, which several writes can share, a write has eight. */
const OF_A_WRITE = [
  'readNamed',
  ...BEGIN,
  'lockSubjects',
  'readForFigures',
  'keepObservations',
  'appendChanges',
  ...COMMIT,
];

let place: TestDatabase;
let db: TestDatabase['database']['client'];
let sourceIds: readonly number[];

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  for (const name of ['aurora', 'borealis']) await createSubject(db, { kind: 'BRAND', slug: name, name, parent: null });
  const publisher = await db.publisher.create({ data: { slug: 'press', name: 'Press', tier: 3 } });
  const titles = ['One', 'Two'];
  await db.source.createMany({
    data: titles.map((title) => ({ publisherId: publisher.id, title, identity: title })),
  });
  sourceIds = (await db.source.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id);
});

afterAll(() => place[Symbol.asyncDispose]());

test('one figure takes eight statements, with BEGIN, COMMIT and the wake-up of the tails', async () => {
  // Also the first one.
  for (const month of ['2025-01', '2025-02', '2025-03'])
    expect(await namesOf(() => recordFigure(db, deliveries(month)))).toEqual(OF_A_WRITE);
});

test('a thousand figures take as many as one', async () => {
  const inputs = Array.from({ length: 1_000 }, (_none, index) => ({
    ...deliveries(`${2000 + (index % 20)}-${String((Math.floor(index / 20) % 12) + 1).padStart(2, '0')}`),
    ...{ subject: index % 2 === 0 ? 'aurora' : 'borealis', sourceId: sourceIds[Math.floor(index / 500)] as number },
    acknowledgeOutlier: true,
  }));
  const distinct = new Map(inputs.map((input) => [`${input.subject} ${input.period} ${input.sourceId}`, input]));
  expect(await namesOf(() => recordFigures(db, [...distinct.values()]))).toEqual(OF_A_WRITE);
  expect((await verifyDerived(db)).differences).toEqual([]);
});

test('a figure that crosses a number takes one more, for the milestones', async () => {
  const sent = { ...deliveries('../2025-12-31'), value: 60_000, acknowledgeOutlier: true };
  const names = await namesOf(() => recordFigure(db, sent));
  expect(names.filter((name) => !OF_A_WRITE.includes(name))).toEqual(['insertMilestones']);
  expect(names.length).toBe(OF_A_WRITE.length + 1);
});

test('a figure that is recorded already takes none that writes', async () => {
  const names = await namesOf(() => recordFigure(db, deliveries('2025-03')));
  expect(names).toEqual(['readNamed', ...BEGIN, 'lockSubjects', 'readForFigures', ...COMMIT]);
});

test('a batch of which a part is recorded already is written like a new one', async () => {
  const batch = [deliveries('2025-03'), deliveries('2025-04'), deliveries('2025-05')];
  const { deduplicated, figures } = await recordFigures(db, batch);
  expect(deduplicated).toBe(1);
  expect(figures.map(({ period }) => period)).toEqual(['2025-03', '2025-04', '2025-05']);
  expect(
    await db.figure.findMany({ where: { id: { in: figures.map(({ id }) => id) } }, orderBy: { id: 'asc' } }),
  ).toEqual(figures);
  expect((await verifyDerived(db)).differences).toEqual([]);
});

test('the answer has the figure exactly as it is stored', async () => {
  const [source = 0] = sourceIds;
  const sent: FigureInput = {
    ...{ subject: 'aurora', metric: 'DELIVERIES', period: '../2025-06-30', qualifier: 'BETWEEN', sourceId: source },
    ...{
      lower: 100_000.0,
      upper: 200_000,
      statedChangePercent: 12.3,
      note: 'A "note", with 中文.',
      attributedTo: 'CPCA',
    },
    ...{ breaks: true, rank: 'PREFERRED', rankReason: 'Checked.', acknowledgeOutlier: true },
  };
  const { figures } = await recordFigure(db, sent, new Date('2026-01-02T03:04:05.678Z'));
  const stored = await db.figure.findMany({ where: { id: { in: figures.map(({ id }) => id) } } });
  expect(stored).toEqual(figures);
  expect(await db.figureRank.findMany({ select: { figureId: true, rank: true, reason: true } })).toEqual([
    { figureId: figures[0]?.id, rank: 'PREFERRED', reason: 'Checked.' },
  ]);
  // Sent again, it is read back as it was.
  expect((await recordFigure(db, sent)).figures).toEqual(figures);
});

function deliveries(period: string): FigureInput {
  const [sourceId = 0] = sourceIds;
  return { subject: 'aurora', metric: 'DELIVERIES', period, value: 10, qualifier: 'EXACT', sourceId };
}

/** The names of our own statements; others as they are. Without the wake-up, which can come at any time after a commit. */
async function namesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const statements = await statementsOf(work);
  return statements.map((text) => /\/\* (\w+) \*\//.exec(text)?.[1] ?? text);
}
