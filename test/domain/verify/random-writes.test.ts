import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import type { FigureInput } from '../../../src/domain/claims/figure-input.ts';
import { rankFigure, reviseFigure, withdrawFigure } from '../../../src/domain/editing/amend-figures.ts';
import { joinAlliance, leaveAlliance } from '../../../src/domain/editing/memberships.ts';
import { recordFigures } from '../../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../../src/domain/editing/sources.ts';
import { createSubject, updateSubject } from '../../../src/domain/editing/subjects.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { BadInput } from '../../../src/errors.ts';
import { present } from '../../../src/required.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

/** So many writes, or as many as the environment says, of which the claims are recorded several at once, as an import does. */
const WRITES = Number(process.env.MILEPOST_RANDOM_WRITES ?? 300);
const BRANDS = ['one', 'two', 'three', 'part', 'lone'];
const SUBJECTS = [...BRANDS, 'whole', 'other-whole', 'union'];
const METRICS = ['DELIVERIES', 'DELIVERIES', 'PRODUCTION', 'SALES'] as const;
const PERIODS = [
  ...Array.from(
    { length: 18 },
    (_none, month) => `${2024 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`,
  ),
  ...['2024-Q1', '2024-Q3', '2025-Q2', '2024-H1', '2024', '2025-03-14', '2025-W10', '2024-05/2024-08'],
  ...['../2024-03-31', '../2024-12-31', '../2025-06-30', '../2025-05-12'],
];

let place: TestDatabase;
let db: PrismaClient;
beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
});
afterAll(() => place[Symbol.asyncDispose]());

/** Numbers from a seed, so that a failure can be repeated (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

test(`after ${WRITES} random writes verification finds no difference`, { timeout: 300_000 }, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const pick = numbersFrom(seed);
  const among = <One>(all: readonly One[]): One => all[pick(all.length)] as One;
  for (const slug of ['whole', 'other-whole']) await createSubject(db, { kind: 'COMPANY', slug, name: slug });
  await createSubject(db, { kind: 'ALLIANCE', slug: 'union', name: 'union' });
  for (const slug of ['one', 'two', 'three'])
    await createSubject(db, { kind: 'BRAND', slug, name: slug, parent: 'whole' });
  await createSubject(db, { kind: 'BRAND', slug: 'part', name: 'part', parent: 'three' });
  await createSubject(db, { kind: 'BRAND', slug: 'lone', name: 'lone', parent: 'other-whole' });
  const sources: number[] = [];
  /** A new document of one of a few publishers, so that no claim is refused because its source said something else before. */
  const newSource = async (): Promise<number> => {
    const index = pick(6);
    const publisher = { slug: `press-${index}`, name: `Press ${index}`, tier: 1 + (index % 4) };
    const { source } = await registerSource(db, { publisher, title: `Figures, part ${sources.length}` });
    sources.push(source.id);
    return source.id;
  };
  const anyClaim = (sourceId: number): FigureInput => ({
    ...{ subject: among(SUBJECTS), metric: among(METRICS), period: among(PERIODS), sourceId },
    value: pick(4) === 0 ? 100 * pick(300) : pick(30_000),
    qualifier: among(['EXACT', 'EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER'] as const),
    acknowledgeOutlier: true,
  });
  const current: number[] = [];
  const taken = (): number | null =>
    current.length === 0 ? null : present(current.splice(pick(current.length), 1)[0]);
  /** Each does some writes, and says how many. */
  const kinds: readonly (() => Promise<number>)[] = [
    ...Array.from({ length: 5 }, () => async () => {
      const sourceId = await newSource();
      const drawn = Array.from({ length: 1 + pick(80) }, () => anyClaim(sourceId));
      const claims = [...new Map(drawn.map((one) => [`${one.subject} ${one.metric} ${one.period}`, one])).values()];
      const { figures } = await recordFigures(db, claims);
      current.push(...figures.map(({ id }) => id));
      return claims.length;
    }),
    async () => {
      const input = { value: pick(30_000), qualifier: 'EXACT' as const, reason: 'Again', acknowledgeOutlier: true };
      const { figures } = await reviseFigure(db, taken(), { ...input, sourceId: await newSource() });
      current.push(present(figures[0]).id);
      return 1;
    },
    async () => {
      await withdrawFigure(db, taken(), 'It was wrong');
      return 1;
    },
    async () => {
      const id = taken();
      await rankFigure(db, id, among(['PREFERRED', 'NORMAL', 'DEPRECATED'] as const), `Checked ${pick(1_000_000)}`);
      current.push(present(id));
      return 1;
    },
    async () => {
      const brand = among(BRANDS);
      await updateSubject(
        db,
        brand,
        among([
          { parent: 'whole' },
          { parent: 'other-whole' },
          { firstDeliveryOn: '2024-03' },
          { firstDeliveryOn: null },
        ]),
      );
      return 1;
    },
    async () => {
      await joinAlliance(db, {
        alliance: 'union',
        brand: among(BRANDS),
        joinedOn: among(['2024-02-10', '2025-01-01', null]),
      });
      return 1;
    },
    async () => {
      const open = await db.membership.findMany({ where: { leftOn: null } });
      if (open.length === 0) return 0;
      await leaveAlliance(db, among(open).id, among(['2025-03-01', '2025-06-15']));
      return 1;
    },
  ];
  let written = 0;
  while (written < WRITES) {
    const write = among(kinds);
    written += await write().catch((error: unknown) => {
      // What is refused, such as another value of the same source, writes nothing.
      if (error instanceof BadInput) return 0;
      throw error;
    });
  }
  const { differences, observations, milestones } = await verifyDerived(db);
  expect(differences, `with the seed ${seed}`).toEqual([]);
  expect(observations).toBeGreaterThan(500);
  expect(milestones).toBeGreaterThan(5);
  expect(await db.contradiction.count({ where: { resolvedAt: null } })).toBeGreaterThan(5);
});
