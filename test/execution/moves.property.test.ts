import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChangeEntry, headOf, type Place, readAfter, readLogState } from '../../src/changes/log.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { type ChangeFilter, changesMatching, entriesMatching } from '../../src/domain/boards/change-filter.ts';
import { readChangePage } from '../../src/domain/boards/change-page.ts';
import { figureChangesMatching } from '../../src/domain/claims/figure-filter.ts';
import { joinAlliance, leaveAlliance } from '../../src/domain/editing/memberships.ts';
import { recordFigure } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject, updateSubject } from '../../src/domain/editing/subjects.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { unique } from '../support/writes.ts';

const BRANDS = ['aurora', 'borealis'] as const;
const COMPANIES = ['small', 'large'] as const;
const ALLIANCES = ['union', 'league'] as const;
const SUBJECTS = ['group', ...COMPANIES, ...BRANDS, 'model', 'plant', ...ALLIANCES] as const;
type Name = (typeof SUBJECTS)[number];

const step = fc.oneof(
  fc.record({
    kind: fc.constant('record' as const),
    subject: fc.constantFrom(...SUBJECTS),
    value: fc.constantFrom(7, 1_000_000),
  }),
  fc.record({
    kind: fc.constant('move' as const),
    move: fc.oneof(
      fc.tuple(fc.constantFrom(...BRANDS), fc.constantFrom(...COMPANIES, null)),
      fc.tuple(fc.constantFrom(...COMPANIES), fc.constantFrom('group' as const, null)),
      fc.tuple(fc.constant('model' as const), fc.constantFrom(...BRANDS)),
      fc.tuple(fc.constant('plant' as const), fc.constantFrom(...COMPANIES, null)),
    ),
  }),
  fc.record({
    kind: fc.constant('joinOrLeave' as const),
    brand: fc.constantFrom(...BRANDS),
    alliance: fc.constantFrom(...ALLIANCES),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

let opened: TestDatabase;
let db: PrismaClient;
let sourceId: number;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.database.client;
  const publisher = { slug: 'gazette', name: 'The Gazette', tier: 3 };
  sourceId = (await registerSource(db, { publisher, title: 'All of them' })).source.id;
});
afterAll(() => opened[Symbol.asyncDispose]());

test('resuming and paging readers get what a live reader got, whatever is written, moved, joined and left', {
  timeout: 240_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const scenario = await openScenario();
      const filters = SUBJECTS.flatMap((name) =>
        [true, false].map((includeDescendants) => ({ name, includeDescendants, subjects: [scenario.slugOf(name)] })),
      );
      const readers = await Promise.all(
        filters.map(async (filter) => ({ filter, ...(await openReader(filter)), told: [] as string[] })),
      );
      const places: Place[] = [headOf(await readLogState(db))];
      const expected = new Map(filters.map((filter) => [filter, [] as string[]]));
      for (const each of steps) {
        const entries = await scenario.take(each);
        for (const { entry, within } of entries) {
          for (const { filter, changes, figures, told } of readers) {
            told.push(...(await tell(entry, { changes, figures })));
            const isTold = filter.includeDescendants
              ? within.has(filter.name)
              : entry.subjectId === scenario.idOf(filter.name);
            if (isTold) expected.get(filter)?.push(...textsOf(entry));
          }
          places.push(entry);
        }
      }
      for (const { filter, told } of readers) {
        const { name, includeDescendants } = filter;
        const who = `${name}${includeDescendants ? ' and below' : ''}`;
        expect(told, `${who}, live`).toEqual(expected.get(filter));
        for (const place of places) {
          const rest = told.filter((text) => positionOf(text) > place.position);
          expect(await resume(filter, place), `${who}, resumed after ${place.position}`).toEqual(rest);
          const changes = rest.filter((text) => text.startsWith('changes'));
          expect(await page(filter, place), `${who}, paged after ${place.position}`).toEqual(changes);
        }
      }
    }),
    { numRuns: 5 },
  );
});

test('entries without notes of what they are within are judged by the present parents', async () => {
  const scenario = await openScenario();
  const start = headOf(await readLogState(db));
  const [recorded] = await scenario.take({ kind: 'record', subject: 'aurora', value: 7 });
  const [moved] = await scenario.take({ kind: 'move', move: ['aurora', 'large'] });
  const texts = [recorded, moved].flatMap((one) => textsOf((one as NonNullable<typeof one>).entry));
  const filterOf = (name: Name): ChangeFilter => ({ subjects: [scenario.slugOf(name)] });
  expect(await resume(filterOf('small'), start)).toEqual(texts);
  await db.$executeRaw`update "Change" set "lineIds" = null where position > ${start.position}`;
  for (const [name, told] of [
    ['small', []],
    ['large', texts],
    ['group', texts],
    ['aurora', texts],
    ['borealis', []],
  ] as const) {
    expect(await resume(filterOf(name), start), name).toEqual(told);
    expect(await page(filterOf(name), start), name).toEqual(told.filter((text) => text.startsWith('changes')));
  }
});

interface Filters {
  readonly changes: (entry: ChangeEntry) => Promise<boolean>;
  readonly figures: (entry: ChangeEntry) => Promise<boolean>;
}

/** The filters of `changes` and `figureRecorded`, as each subscription that begins makes them. */
async function openReader(filter: ChangeFilter): Promise<Filters> {
  return { changes: await changesMatching(db, filter), figures: await figureChangesMatching(db, filter) };
}

async function tell(entry: ChangeEntry, { changes, figures }: Filters): Promise<readonly string[]> {
  const told = { changes: await changes(entry), figures: await figures(entry) };
  return [
    ...(told.changes ? [`changes ${entry.position}`] : []),
    ...(told.figures ? [`figures ${entry.position}`] : []),
  ];
}

function textsOf({ kind, position }: ChangeEntry): readonly string[] {
  return [`changes ${position}`, ...(kind === 'FIGURE' ? [`figures ${position}`] : [])];
}

function positionOf(text: string): bigint {
  return BigInt(text.split(' ')[1] as string);
}

async function resume(filter: ChangeFilter, place: Place): Promise<readonly string[]> {
  const reader = await openReader(filter);
  const told: string[] = [];
  for (const entry of await readAfter(db, place, 1_000)) told.push(...(await tell(entry, reader)));
  return told;
}

async function page(filter: ChangeFilter, { position }: Place): Promise<readonly string[]> {
  const where = { AND: [{ position: { gt: position } }, (await entriesMatching(db, filter)).where] };
  const rows = await db.change.findMany({ where, orderBy: { position: 'asc' } });
  await expectSameFirstAndLast(
    filter,
    position,
    rows.map((row) => row.position),
  );
  return rows.map((row) => `changes ${row.position}`);
}

/** Short pages, so that they do not find all that they need at the end that they look through first. */
async function expectSameFirstAndLast(
  filter: ChangeFilter,
  after: bigint,
  positions: readonly bigint[],
): Promise<void> {
  // As of a log that is too long to be looked through.
  const range = { after, before: null, head: after + 1_000_000n, since: null, until: null, filter };
  const first = await readChangePage(db, range, { size: 2, backwards: false, selected: {} });
  expect(first.rows.map(({ position }) => position)).toEqual(positions.slice(0, 2));
  const last = await readChangePage(db, range, { size: 2, backwards: true, selected: {} });
  expect(last.rows.map(({ position }) => position)).toEqual(positions.slice(-2).reverse());
}

/** A group of two companies, with brands, a model, a plant and alliances of their own, and the parents of each, kept in memory. */
async function openScenario() {
  const tag = unique('scenario');
  const slugOf = (name: Name): string => `${name}-${tag}-${process.pid}`;
  const create = async (
    name: Name,
    fields: Pick<Parameters<typeof createSubject>[1], 'kind' | 'parent' | 'operator'>,
  ) => (await createSubject(db, { ...fields, slug: slugOf(name), name })).subject.id;
  const ids = new Map<Name, number>();
  ids.set('group', await create('group', { kind: 'COMPANY' }));
  ids.set('small', await create('small', { kind: 'COMPANY' }));
  ids.set('large', await create('large', { kind: 'COMPANY', parent: slugOf('group') }));
  ids.set('aurora', await create('aurora', { kind: 'BRAND', parent: slugOf('small') }));
  ids.set('borealis', await create('borealis', { kind: 'BRAND', parent: slugOf('large') }));
  ids.set('model', await create('model', { kind: 'MODEL', parent: slugOf('aurora') }));
  ids.set('plant', await create('plant', { kind: 'PLANT', operator: slugOf('large') }));
  for (const name of ALLIANCES) ids.set(name, await create(name, { kind: 'ALLIANCE' }));
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const parents = new Map<Name, Name | null>([
    ['large', 'group'],
    ['aurora', 'small'],
    ['borealis', 'large'],
    ['model', 'aurora'],
    ['plant', 'large'],
  ]);
  const memberships = new Map<string, number>();
  let days = 0;

  const lineOf = (name: Name): readonly Name[] => {
    const parent = parents.get(name) ?? null;
    const above = [
      ...(parent === null ? [] : [parent]),
      ...ALLIANCES.filter((alliance) => memberships.has(`${name} ${alliance}`)),
    ];
    return [name, ...above.flatMap(lineOf)];
  };

  const nextDay = (): string => {
    days += 1;
    return new Date(Date.UTC(2020, 0, days)).toISOString().slice(0, 10);
  };

  const write = async (each: Step): Promise<void> => {
    if (each.kind === 'record') {
      await recordFigure(db, {
        ...{ subject: slugOf(each.subject), metric: 'DELIVERIES', period: nextDay(), value: each.value, sourceId },
        ...{ qualifier: 'EXACT', acknowledgeOutlier: true },
      });
    } else if (each.kind === 'move') {
      const [name, above] = each.move;
      const slug = above === null ? null : slugOf(above);
      await updateSubject(db, slugOf(name), name === 'plant' ? { operator: slug } : { parent: slug });
      parents.set(name, above);
    } else {
      const { brand, alliance } = each;
      const key = `${brand} ${alliance}`;
      const membershipId = memberships.get(key);
      if (membershipId === undefined) {
        const input = { alliance: slugOf(alliance), brand: slugOf(brand), joinedOn: nextDay() };
        memberships.set(key, (await joinAlliance(db, input)).membership.id);
      } else {
        await leaveAlliance(db, membershipId, nextDay());
        memberships.delete(key);
      }
    }
  };

  return {
    slugOf,
    idOf: (name: Name) => ids.get(name),
    /** Writes, and returns the new entries, each with everything its subject is below, and for a move also what it was below before. */
    take: async (each: Step) => {
      const before = headOf(await readLogState(db));
      const moved = each.kind === 'move' ? each.move[0] : null;
      const left = moved === null ? [] : lineOf(moved);
      await write(each);
      const entries = await readAfter(db, before, 100);
      return entries.map((entry) => {
        const name = names.get(entry.subjectId as number) as Name;
        return { entry, within: new Set<Name>([...lineOf(name), ...(name === moved ? left : [])]) };
      });
    },
  };
}
