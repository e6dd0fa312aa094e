import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { recordFigure } from '../../src/domain/figure.ts';
import { rankFigure, reviseFigure, withdrawFigure } from '../../src/domain/figure-revision.ts';
import type { Told } from '../../src/domain/verification.ts';
import { verifyDatabase, verifyDerived } from '../../src/domain/verify.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeFamily, makeSources } from './world.ts';

const TABLES = ['Change', 'Figure', 'Subject'] as const;

let place: TestDatabase;
let db: PrismaClient;
/** The figures by what was done to them, each by its number. */
let ids: Readonly<Record<'recorded' | 'revised' | 'successor' | 'withdrawn' | 'ranked', number>>;
let slug: string;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  const [source] = await makeSources(db);
  slug = (await makeFamily(db)).slugs[1] as string;
  const record = async (period: string): Promise<number> => {
    const claim = { subject: slug, metric: 'DELIVERIES', qualifier: 'EXACT', sourceId: source?.id ?? null } as const;
    return (await recordFigure(db, { ...claim, period, value: 900 })).figures[0]?.id as number;
  };
  const [recorded, revised, withdrawn, ranked] = [
    await record('2025-01'),
    await record('2025-02'),
    await record('2025-03'),
    await record('2025-04'),
  ];
  const restated = await reviseFigure(db, revised, { value: 901, qualifier: 'EXACT', reason: 'Restated.' });
  await withdrawFigure(db, withdrawn, 'Taken back.');
  await rankFigure(db, ranked, 'DEPRECATED', 'A slip.');
  ids = { recorded, revised, withdrawn, ranked, successor: restated.figures[0]?.id as number };
  for (const table of TABLES) await run(`create table "kept${table}" as select * from "${table}"`);
});

// What a test did to the log is undone, in an order that no reference minds.
beforeEach(async () => {
  await run('delete from "Change"');
  await run('delete from "Figure" where id not in (select id from "keptFigure")');
  for (const [table, column] of [
    ['Figure', 'action'],
    ['Subject', 'parentId'],
  ] as const)
    await run(`update "${table}" t set "${column}" = k."${column}" from "kept${table}" k where k.id = t.id`);
  await run('insert into "Change" select * from "keptChange"');
  await run('update "ChangeLog" set "prunedThrough" = 0');
});

afterAll(() => place[Symbol.asyncDispose]());

test('a log that has one entry for everything that was done has nothing to tell', async () => {
  expect(await toldBy(false)).toEqual([]);
});

describe('what is told of the log', () => {
  test('an entry that was changed, and one whose figure was', async () => {
    const [changed, about] = [await positionOf('recorded', 'RECORDED'), await positionOf('ranked', 'RECORDED')];
    await run(`update "Change" set before = 17 where position = ${changed}`);
    await run(`update "Figure" set note = 'another' where id = ${ids.ranked}`);
    const { differences } = await verifyDerived(db);
    await run(`update "Figure" set note = null where id = ${ids.ranked}`);
    expect(differences.map(({ about: place, recomputed }) => [place, recomputed.slice(0, 14)])).toEqual([
      [`the log at ${changed}`, 'another digest'],
      [`the log at ${about}`, 'another digest'],
      // Its rank is another entry about the same figure.
      [expect.stringMatching(/^the log at /), 'another digest'],
    ]);
  });

  test('an entry that is gone, and the figure it took in', async () => {
    const position = await positionOf('recorded', 'RECORDED');
    await run(`delete from "Change" where position = ${position}`);
    expect(await toldBy(true)).toEqual([
      told(`the log at ${position}`, 'nothing', 'positions without a gap'),
      told(`${slug} DELIVERIES 2025-01, figure ${ids.recorded}`, 'no entry in the log took it in', 'one entry'),
    ]);
  });

  test('several entries that are gone', async () => {
    const first = await positionOf('recorded', 'RECORDED');
    await run(`delete from "Change" where position between ${first} and ${first + 1}`);
    const [gap, ...figures] = await toldBy(false);
    expect(gap?.about).toBe(`the log at ${first} to ${first + 1}`);
    expect(figures).toHaveLength(2);
  });

  test('a figure that no entry took in', async () => {
    await run(`insert into "Figure" select (jsonb_populate_record(f, jsonb_build_object(
      'id', 1000000, 'period', '2025-05', 'claimKey', null, 'action', 'WITHDRAWN'))).* from "Figure" f where id = ${ids.recorded}`);
    const [first, ...others] = await toldBy(false);
    expect(others).toEqual([]);
    expect(first).toEqual(
      told(`${slug} DELIVERIES 2025-05, figure 1000000`, 'no entry in the log took it in', 'one entry'),
    );
  });

  test('a figure that was taken in twice', async () => {
    await append({ figureId: ids.recorded, action: 'RECORDED' });
    expect(await toldBy(false)).toEqual([
      told(`${slug} DELIVERIES 2025-01, figure ${ids.recorded}`, 'taken in by several entries', 'one entry'),
    ]);
  });

  test('an entry that lost its figure', async () => {
    const position = await positionOf('recorded', 'RECORDED');
    await run(`update "Change" set "figureId" = null where position = ${position}`);
    expect(await toldBy(false)).toEqual([
      told(`the log at ${position}`, `FIGURE RECORDED of ${slug}`, 'nothing: there is no such figure'),
      told(`${slug} DELIVERIES 2025-01, figure ${ids.recorded}`, 'no entry in the log took it in', 'one entry'),
    ]);
  });

  test('an entry that stands under another subject than its figure', async () => {
    const position = await positionOf('recorded', 'RECORDED');
    await run(`update "Change" set "subjectId" = (select min(id) from "Subject") where position = ${position}`);
    expect(await toldBy(false)).toMatchObject([
      { about: `the log at ${position}`, recomputed: 'a figure of another subject' },
    ]);
  });

  test('an entry that calls a restatement a new claim, and the other way round', async () => {
    const [recorded, restated] = [await positionOf('recorded', 'RECORDED'), await positionOf('successor', 'REVISED')];
    await run(`update "Change" set action = 'REVISED' where position = ${recorded}`);
    await run(`update "Change" set action = 'RECORDED' where position = ${restated}`);
    const entries = (await toldBy(false)).filter(({ about }) => about.startsWith('the log'));
    expect(entries.map(({ about, recomputed }) => [about, recomputed])).toEqual([
      [`the log at ${recorded}`, 'RECORDED'],
      [`the log at ${restated}`, 'REVISED'],
    ]);
  });

  test.each([
    ['withdrawn', 'WITHDRAWN'],
    ['ranked', 'RANKED'],
  ] as const)('a figure that was %s without an entry', async (figure, action) => {
    await run(`update "Figure" set action = '${action}' where id = ${ids.recorded}`);
    await run(`update "Figure" set action = 'RECORDED' where id = ${ids[figure]}`);
    expect((await toldBy(false)).map(({ kept }) => kept)).toEqual([
      `${action}, last entry RECORDED`,
      `RECORDED, last entry ${action}`,
    ]);
  });

  test('what was cut off the log is not missed, and what should be left of it is', async () => {
    const cut = await positionOf('revised', 'RECORDED');
    await run(`update "ChangeLog" set "prunedThrough" = ${cut}`);
    await run(`delete from "Change" where position <= ${cut}`);
    expect(await toldBy(false)).toEqual([]);
    await run(`delete from "Change" where position = ${cut + 1}`);
    expect((await toldBy(false)).map(({ about }) => about)).toEqual([`the log at ${cut + 1}`]);
    await run(`delete from "Change"`);
    expect(await toldBy(false)).toEqual([]);
  });
});

test('subjects that stand above themselves are told, each circle once, and are not for a repair', async () => {
  const [one, two, three] = (await db.subject.findMany({ orderBy: { id: 'asc' } })) as { id: number; slug: string }[];
  await run(`update "Subject" set "parentId" = ${two?.id} where id = ${one?.id}`);
  await run(`update "Subject" set "parentId" = ${one?.id} where id = ${two?.id}`);
  const circle = {
    about: `${one?.slug}: what stands above it`,
    kept: `${one?.slug} under ${two?.slug} under ${one?.slug}`,
  };
  expect(await toldBy(true)).toMatchObject([{ ...circle, repaired: false }]);
  await run(`update "Subject" set "parentId" = ${three?.id} where id = ${two?.id}`);
  expect(await toldBy(true)).toMatchObject([
    { kept: [one, two, three, one].map((each) => each?.slug).join(' under ') },
  ]);
  await run(`update "Subject" set "parentId" = id where id = ${three?.id}`);
  expect(await toldBy(true)).toMatchObject([{ kept: `${three?.slug} under ${three?.slug}` }]);
});

function run(sql: string): Promise<number> {
  return db.$executeRawUnsafe(sql);
}

/** What is told besides the digests, which an entry that was tampered with no longer has either. */
async function toldBy(repair: boolean): Promise<readonly Told[]> {
  const all: Told[] = [];
  await verifyDatabase(db, repair, (one) => all.push(one));
  return all.filter(({ recomputed }) => !recomputed.startsWith('another digest'));
}

function told(about: string, kept: string, recomputed: string): Told {
  return { about, kept, recomputed, repaired: false };
}

async function positionOf(figure: keyof typeof ids, action: 'RECORDED' | 'REVISED'): Promise<number> {
  return Number((await db.change.findFirstOrThrow({ where: { figureId: ids[figure], action } })).position);
}

/** Adds a copy of the entry, whatever columns the log has. */
async function append({ figureId, action }: { figureId: number; action: 'RECORDED' }): Promise<void> {
  await run(`insert into "Change" select (jsonb_populate_record(c, jsonb_build_object(
    'position', (select max(position) + 1 from "Change")))).* from "Change" c where "figureId" = ${figureId} and action = '${action}'`);
}
