import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { rankFigure, withdrawFigure } from '../../../src/domain/editing/amend-figures.ts';
import { recordFigure } from '../../../src/domain/editing/record-figures.ts';
import { reviseFigure } from '../../../src/domain/editing/revise-figures.ts';
import type { ReportedDifference } from '../../../src/domain/verify/verification.ts';
import { verifyDatabase, verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { makeFamily, makeSources } from './scenario.ts';

const TABLES = ['Change', 'Figure', 'Subject'] as const;

let place: TestDatabase;
let db: PrismaClient;
/** The figures by what was done to them, each by its id. */
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

// Undoes what a test did to the log, in an order that keeps references valid.
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

test('a log with one entry for everything that was done has no differences', async () => {
  expect(await toldBy(false)).toEqual([]);
});

describe('the differences name', () => {
  test('a changed entry, and an entry whose figure was changed', async () => {
    const [changed, about] = [await positionOf('recorded', 'RECORDED'), await positionOf('ranked', 'RECORDED')];
    await run(`update "Change" set before = 17 where position = ${changed}`);
    await run(`update "Figure" set note = 'another' where id = ${ids.ranked}`);
    const { differences } = await verifyDerived(db);
    await run(`update "Figure" set note = null where id = ${ids.ranked}`);
    expect(differences.map(({ about: place, recomputed }) => [place, recomputed.slice(0, 14)])).toEqual([
      [`the log at ${changed}`, 'another digest'],
      [`the log at ${about}`, 'another digest'],
      // Its ranking is another entry about the same figure.
      [expect.stringMatching(/^the log at /), 'another digest'],
    ]);
  });

  test('a missing entry, and the figure that it recorded', async () => {
    const position = await positionOf('recorded', 'RECORDED');
    await run(`delete from "Change" where position = ${position}`);
    expect(await toldBy(true)).toEqual([
      told(`the log at ${position}`, 'nothing', 'positions without a gap'),
      told(`${slug} DELIVERIES 2025-01, figure ${ids.recorded}`, 'no entry in the log took it in', 'one entry'),
    ]);
  });

  test('several missing entries', async () => {
    const first = await positionOf('recorded', 'RECORDED');
    await run(`delete from "Change" where position between ${first} and ${first + 1}`);
    const [gap, ...figures] = await toldBy(false);
    expect(gap?.about).toBe(`the log at ${first} to ${first + 1}`);
    expect(figures).toHaveLength(2);
  });

  test('a figure without an entry that records it', async () => {
    await run(`insert into "Figure" select (jsonb_populate_record(f, jsonb_build_object(
      'id', 1000000, 'period', '2025-05', 'claimKey', null, 'action', 'WITHDRAWN'))).* from "Figure" f where id = ${ids.recorded}`);
    const [first, ...others] = await toldBy(false);
    expect(others).toEqual([]);
    expect(first).toEqual(
      told(`${slug} DELIVERIES 2025-05, figure 1000000`, 'no entry in the log took it in', 'one entry'),
    );
  });

  test('a figure with two entries that record it', async () => {
    await append(ids.recorded, 'RECORDED');
    expect(await toldBy(false)).toEqual([
      told(`${slug} DELIVERIES 2025-01, figure ${ids.recorded}`, 'taken in by several entries', 'one entry'),
    ]);
  });

  test('an entry that lost its figure', async () => {
    const position = await positionOf('recorded', 'RECORDED');
    await run(`update "Change" set "aboutId" = 0 where position = ${position}`);
    expect(await toldBy(false)).toEqual([
      told(`the log at ${position}`, `FIGURE RECORDED of ${slug}`, 'nothing: there is no such figure'),
      told(`${slug} DELIVERIES 2025-01, figure ${ids.recorded}`, 'no entry in the log took it in', 'one entry'),
    ]);
  });

  test('an entry with another subject than its figure', async () => {
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

  test('entries missing after the cut, and not entries that were cut', async () => {
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

test('subjects above themselves are named, one difference for each cycle, and a repair leaves them and mends what follows from them', async () => {
  const circles = async (): Promise<readonly ReportedDifference[]> => {
    const all = await toldBy(true);
    const isAbove = ({ about }: ReportedDifference): boolean => about.endsWith('what is above it');
    for (const one of all) expect(one.repaired).toBe(!isAbove(one));
    return all.filter(isAbove);
  };
  const [one, two, three] = (await db.subject.findMany({ orderBy: { id: 'asc' } })) as { id: number; slug: string }[];
  await run(`update "Subject" set "parentId" = ${two?.id} where id = ${one?.id}`);
  await run(`update "Subject" set "parentId" = ${one?.id} where id = ${two?.id}`);
  const circle = {
    about: `${one?.slug}: what is above it`,
    kept: `${one?.slug} under ${two?.slug} under ${one?.slug}`,
  };
  expect(await circles()).toMatchObject([circle]);
  await run(`update "Subject" set "parentId" = ${three?.id} where id = ${two?.id}`);
  expect(await circles()).toMatchObject([{ kept: [one, two, three, one].map((each) => each?.slug).join(' under ') }]);
  await run(`update "Subject" set "parentId" = id where id = ${three?.id}`);
  expect(await circles()).toMatchObject([{ kept: `${three?.slug} under ${three?.slug}` }]);
});

function run(sql: string): Promise<number> {
  return db.$executeRawUnsafe(sql);
}

/** The differences without those of digests, which a changed entry always has. */
async function toldBy(repair: boolean): Promise<readonly ReportedDifference[]> {
  const all: ReportedDifference[] = [];
  await verifyDatabase(db, repair, (one) => all.push(one));
  return all.filter(({ recomputed }) => !recomputed.startsWith('another digest'));
}

function told(about: string, kept: string, recomputed: string): ReportedDifference {
  return { about, kept, recomputed, repaired: false };
}

async function positionOf(figure: keyof typeof ids, action: 'RECORDED' | 'REVISED'): Promise<number> {
  return Number(
    (await db.change.findFirstOrThrow({ where: { kind: 'FIGURE', aboutId: ids[figure], action } })).position,
  );
}

/** Adds a copy of the entry, with all columns of the log. */
async function append(figure: number, action: 'RECORDED'): Promise<void> {
  await run(`insert into "Change" select (jsonb_populate_record(c, jsonb_build_object(
    'position', (select max(position) + 1 from "Change")))).* from "Change" c where kind = 'FIGURE' and "aboutId" = ${figure} and action = '${action}'`);
}
