import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, test } from 'vitest';
import { seedDatabase } from '../../prisma/seed/seed.ts';
import { edit, only } from '../../src/domain/editing/edit.ts';
import { settleSubjects } from '../../src/domain/editing/effects.ts';
import { verifyDerived } from '../../src/domain/verify/verify.ts';
import { type Api, openApi } from '../support/api.ts';
import { stateOf } from '../support/writes.ts';

const api = await openApi({ seeded: true });
afterAll(() => api[Symbol.asyncDispose]());

type Row = Readonly<Record<string, string>>;

async function readRows(file: string): Promise<readonly Row[]> {
  const text = await readFile(new URL(`../../prisma/seed/${file}.csv`, import.meta.url), 'utf8');
  return parse(text, { columns: true }) as Row[];
}

const figures = await readRows('figures');
const monthly = await readRows('monthly');
const revisions = await readRows('revisions');
const milestones = await readRows('milestones');
const targets = await readRows('targets');
const leftOut = await readRows('left-out');
const titles = new Map((await readRows('sources')).map(({ key, title }) => [key, title]));

/** Some columns of a row, with its source by title, as one text. */
function lineOf(row: Row, ...columns: readonly string[]): string {
  return [...columns.map((column) => row[column] ?? ''), titles.get(row.source)].join(' | ');
}

describe('the facts of the five articles', () => {
  test.each([
    ['figures', 'fig-', 77],
    ['milestones', 'mil-', 54],
    ['targets', 'tgt-', 36],
  ])('that are %s are all loaded, or left out with a reason', (_file, prefix, count) => {
    const loaded = [...figures, ...milestones, ...targets].map(({ fact }) => fact ?? '');
    const ids = [...loaded, ...leftOut.map(({ id }) => id ?? '')].filter((id) => id.startsWith(prefix));
    expect(ids).toHaveLength(count);
    expect(new Set(ids).size).toBe(count);
    expect(leftOut.filter(({ reason }) => reason?.trim() === '')).toEqual([]);
  });
});

describe('every row', () => {
  test('of the figures, of the 1,486 monthly ones and of the restated ones is in the database', async () => {
    expect(monthly).toHaveLength(1_486);
    const rows = await api.db.figure.findMany({ include: { subject: true, within: true, source: true } });
    const kept = rows.map(({ subject, metric, period, within, value, qualifier, statedChangePercent, source }) =>
      [subject.slug, metric, period, within?.slug, value, qualifier, statedChangePercent, source.title].join(' | '),
    );
    const columns = ['subject', 'metric', 'period', 'within', 'value', 'qualifier', 'statedChangePercent'];
    const restated = revisions.map((row) => ({ ...row, source: row.revisedBy ?? '' }));
    const wanted = [...figures, ...monthly, ...restated].map((row) =>
      lineOf({ qualifier: 'EXACT', ...row }, ...columns),
    );
    expect(wanted.filter((line) => !kept.includes(line))).toEqual([]);
    expect(kept).toHaveLength(wanted.length);
  });

  test('of the milestones is a claim in the database', async () => {
    const rows = await api.db.milestoneClaim.findMany({
      include: { milestone: { include: { subject: true } }, source: true },
    });
    const kept = rows.map(({ milestone, on, statedElapsedValue, statedElapsedUnit, expected, rank, source }) =>
      [
        milestone.subject.slug,
        milestone.kind,
        on,
        statedElapsedValue,
        statedElapsedUnit,
        expected,
        rank,
        source.title,
      ].join(' | '),
    );
    const columns = ['subject', 'kind', 'reachedOn', 'statedElapsedValue', 'statedElapsedUnit', 'expected', 'rank'];
    expect(kept.sort()).toEqual(milestones.map((row) => lineOf(row, ...columns)).sort());
  });

  test('of the targets is a claim in the database', async () => {
    const rows = await api.db.targetClaim.findMany({
      include: { target: { include: { subject: true, revises: true } }, source: true },
    });
    const kept = rows.map(({ target, source, ...claim }) =>
      [
        ...[target.subject.slug, target.kind, claim.statedMetric, target.period],
        ...[target.deadline?.toISOString().slice(0, 10), claim.value, claim.lower, claim.upper],
        ...[claim.growthMinPercent, claim.setOn, target.revises !== null, source.title],
      ].join(' | '),
    );
    const revising = ['tgt-cd-xiaomi-2025', 'aim-leapmotor-2025-tiger-brokers-news-cnevpost-text'];
    expect(targets.flatMap(({ revises }) => revises || [])).toEqual([revising[1], revising[0]]);
    const columns = [
      'subject',
      'kind',
      'metric',
      'period',
      'deadline',
      'value',
      'lower',
      'upper',
      'growthMinPercent',
      'setOn',
      'isRevision',
    ];
    const wanted = targets.map((row) => {
      // Another source gives a year to this growth, and AutoGear says what CNBC calls a revision.
      const period = row.fact === 'tgt-th-nio-growth' ? '2026' : row.period;
      const isRevision = row.revises !== '' || row.fact === 'aim-xiaomi-auto-2025-autogear';
      return lineOf({ ...row, period: period ?? '', isRevision: `${isRevision}` }, ...columns);
    });
    expect(kept.sort()).toEqual(wanted.sort());
    expect([wanted.length, await api.db.target.count()]).toEqual([43, 35]);
  });
});

test('a claim that is disputed is kept, not counted, and says why', async () => {
  const disputed = milestones.filter(({ rank }) => rank === 'DEPRECATED');
  expect(disputed.map(({ fact }) => fact).sort()).toEqual([
    'mil-br-su7-launch',
    'mil-si-aito-1m',
    'mil-si-aito-growth-2024',
    'mil-si-aito-speed',
    'mil-th-aito-speed-record',
  ]);
  const claims = await api.db.milestoneClaim.findMany({ where: { rank: { not: 'NORMAL' } } });
  expect(claims.map(({ rank, rankReason }) => [rank, rankReason]).sort()).toEqual(
    disputed.map(({ rankReason }) => ['DEPRECATED', rankReason]).sort(),
  );
  expect(claims.filter(({ rankReason }) => (rankReason ?? '') === '')).toEqual([]);
});

describe('origins', () => {
  const readAll = (db: Api['db']) =>
    db.source.findMany({ orderBy: { id: 'asc' }, include: { publisher: true, origin: true } });

  test('of the sources are those of their rows, and no publisher is named as the origin of its own text', async () => {
    const wanted = (await readRows('sources')).map(({ title, publisher, origin }) => [
      title,
      publisher,
      origin || undefined,
    ]);
    const kept = (await readAll(api.db)).map(({ title, publisher, origin }) => [title, publisher.slug, origin?.slug]);
    expect(kept.map(String).sort()).toEqual(wanted.map(String).sort());
    expect(kept.filter(([, publisher, origin]) => publisher === origin)).toEqual([]);
    expect(kept.filter(([, , origin]) => origin !== undefined)).toHaveLength(80);
  });

  test('bring together who repeats the same: NIO said what five others repeat', async () => {
    const repeating = (await readAll(api.db)).filter(({ origin }) => origin?.slug === 'nio');
    expect([...new Set(repeating.map(({ publisher }) => publisher.slug))].sort()).toEqual([
      'automotive-world-nio-press-release',
      'elektroauto-news-nio-press-release',
      'enodoworks-com-mirror-of-a-nio-release',
      'github-woozee-stock-nio-release',
      'pushevs-reproduces-nio-release',
    ]);
  });

  test('are filled in, once, on a database that was loaded from earlier files, and all ids stay', {
    timeout: 120_000,
  }, async () => {
    await using again = await openApi({ seeded: true });
    const { db } = again;
    const wanted = await readAll(db);
    const rowsOf = async () => ({
      sources: await db.source.findMany({ orderBy: { id: 'asc' }, omit: { originId: true } }),
      figures: await db.figure.findMany({ orderBy: { id: 'asc' } }),
      milestones: await db.milestone.findMany({ orderBy: { id: 'asc' }, select: { id: true, key: true } }),
      // What is derived depends on the origins, so that milestones and contradictions can change.
      entries: await db.change.count({ where: { kind: { notIn: ['SUBJECT', 'MILESTONE', 'CONTRADICTION'] } } }),
    });
    // As the earlier files left it: no origin, no publisher that is only an origin, and Tesla China beside Tesla.
    await db.source.updateMany({ data: { originId: null } });
    await db.publisher.deleteMany({ where: { sources: { none: {} } } });
    const idOf = async (slug: string) => (await db.subject.findUniqueOrThrow({ where: { slug } })).id;
    await db.subject.update({ where: { slug: 'tesla-china' }, data: { parentId: await idOf('tesla-inc') } });
    // One that a user has named already.
    const named = wanted.find(({ origin }) => origin?.slug === 'nio');
    const gasgoo = await db.publisher.findUniqueOrThrow({ where: { slug: 'gasgoo' } });
    await db.source.update({ where: { id: named?.id ?? 0 }, data: { originId: gasgoo.id } });
    await db.seedLoad.deleteMany();
    const ids = (await db.subject.findMany({ select: { id: true } })).map(({ id }) => id);
    await edit(db, only(ids), ({ tx }) => settleSubjects(tx, ids));
    const before = await rowsOf();

    await seedDatabase(db);
    expect(await rowsOf()).toEqual(before);
    const originsOf = (sources: typeof wanted) => sources.map(({ id, origin }) => [id, origin?.slug]);
    expect(originsOf(await readAll(db))).toEqual(
      originsOf(wanted).map(([id, slug]) => [id, id === named?.id ? 'gasgoo' : slug]),
    );
    expect(await again.ask('{ brand(slug: "tesla-china") { parent { slug } } }')).toEqual({
      brand: { parent: { slug: 'tesla' } },
    });
    expect((await verifyDerived(db)).differences).toEqual([]);

    const after = await stateOf(again);
    await db.seedLoad.deleteMany();
    await seedDatabase(db);
    expect(await stateOf(again)).toEqual(after);
  });
});

describe('seeding again', { timeout: 120_000 }, () => {
  /** A database that has not seen this version of the seed, as after an update of the seed files. */
  async function openOutdated(): Promise<Api> {
    const outdated = await openApi({ seeded: true });
    await outdated.db.seedLoad.deleteMany();
    return outdated;
  }

  test('changes nothing', async () => {
    await using again = await openApi({ seeded: true });
    const before = await stateOf(again);
    await seedDatabase(again.db);
    expect(await stateOf(again)).toEqual(before);
    expect(await again.db.seedLoad.count()).toBe(1);
  });

  test('with other files adds nothing that is there already', async () => {
    await using again = await openOutdated();
    const before = await stateOf(again);
    await seedDatabase(again.db);
    expect(await stateOf(again)).toEqual(before);
    expect(await again.db.seedLoad.count()).toBe(1);
  });

  test('brings together the targets of earlier files, and adds the claims of new ones', async () => {
    await using again = await openOutdated();
    const { db } = again;
    const state = async () =>
      db.target.findMany({
        where: { mergedIntoId: null },
        omit: { recordedAt: true },
        include: { claims: { omit: { id: true, recordedAt: true, knownFrom: true }, orderBy: { sourceId: 'asc' } } },
        orderBy: { id: 'asc' },
      });
    const wanted = await state();
    // As the migration leaves the targets of the articles: without those of the other sources, and NIO's growth without a year.
    const ofArticles = await db.targetClaim.findMany({ orderBy: { id: 'asc' }, take: 9 });
    const kept = ofArticles.map(({ id }) => id);
    await db.targetClaim.deleteMany({ where: { id: { notIn: kept } } });
    const gone = { claims: { none: {} } };
    await db.change.deleteMany({ where: { kind: 'TARGET', target: gone } });
    await db.target.deleteMany({ where: gone });
    await db.target.updateMany({
      where: { growthMinPercent: 40 },
      data: { period: null, periodStart: null, periodEnd: null, setOn: null },
    });
    await seedDatabase(db);
    const numbered = (rows: typeof wanted) =>
      rows.map(({ id, revisesId, claims, identity, ...row }) => ({
        ...row,
        isRevision: revisesId !== null,
        claims: claims.map(({ targetId, ...claim }) => claim),
      }));
    expect(numbered(await state())).toEqual(numbered(wanted));
    expect((await state()).slice(0, 7).map(({ id }) => id)).toEqual(wanted.slice(0, 7).map(({ id }) => id));
  });

  test('leaves alone a target that a user revised since, and adds the other claims of it', async () => {
    await using again = await openOutdated();
    const { db } = again;
    const revised = await db.target.findFirstOrThrow({ where: { value: 350_000 } });
    await db.targetClaim.deleteMany({
      where: { target: { value: 350_000 }, source: { publisher: { slug: 'autogear' } } },
    });
    const [source] = await db.source.findMany({ orderBy: { id: 'desc' }, take: 1 });
    const idOf = (type: string, id: number | undefined) => Buffer.from(`${type}:${id}`).toString('base64');
    const { setTarget: set } = await again.ask<{ setTarget: { userErrors: object[] } }>(
      `mutation ($input: TargetInput!) { setTarget(input: $input) { userErrors { code } } }`,
      {
        input: {
          ...{ subject: 'xiaomi-auto', metric: 'DELIVERIES', period: '2025', value: 360_000 },
          ...{ revises: idOf('Target', revised.id), sourceId: idOf('Source', source?.id) },
        },
      },
    );
    expect(set.userErrors).toEqual([]);
    await seedDatabase(db);
    const include = { claims: true } as const;
    const current = await db.target.findFirstOrThrow({ where: { revisesId: revised.id }, include });
    expect([current.value, current.claims.map(({ value }) => value)]).toEqual([360_000, [360_000]]);
    const before = await db.target.findUniqueOrThrow({ where: { id: revised.id }, include });
    expect([before.value, before.claims.map(({ value }) => value)]).toEqual([350_000, [350_000, 350_000]]);
  });

  test('leaves alone a growth that the maker states more exactly since, also when its sources say it again', async () => {
    await using again = await openOutdated();
    const { db } = again;
    const publisher = { slug: 'nio-itself', name: 'NIO', tier: 1 };
    const { registerSource } = await again.ask<{ registerSource: { source: { id: string } } }>(
      'mutation ($input: SourceInput!) { registerSource(input: $input) { source { id } } }',
      { input: { publisher, title: 'Guidance for 2026' } },
    );
    const set = async (input: object) => {
      const { setTarget } = await again.ask<{ setTarget: object }>(
        'mutation ($input: TargetInput!) { setTarget(input: $input) { cursor target { growthMinPercent } userErrors { code } } }',
        { input: { subject: 'nio-inc', metric: 'DELIVERIES', ...input } },
      );
      return setTarget;
    };
    const sourceId = registerSource.source.id;
    expect(await set({ period: '2026', growthMinPercent: 45, sourceId })).toMatchObject({ userErrors: [] });
    const state = await stateOf(again);
    await seedDatabase(db);
    expect(await stateOf(again)).toEqual(state);
    const claim = await db.targetClaim.findFirstOrThrow({
      where: { growthMinPercent: 40, source: { publisher: { slug: 'gasgoo' } } },
    });
    const said = { growthMinPercent: 40, growthMaxPercent: 50 };
    const article = Buffer.from(`Source:${claim.sourceId}`).toString('base64');
    expect(await set({ ...said, sourceId: article })).toEqual({
      ...{ cursor: null, target: { growthMinPercent: 45 }, userErrors: [] },
    });
    expect(await stateOf(again)).toEqual(state);
  });

  test('with other files leaves alone what was withdrawn, revised or renamed since, and adds what is new', async () => {
    await using again = await openOutdated();
    const [withdrawn, revised] = await again.db.figure.findMany({ where: { metric: 'DELIVERIES' }, take: 2 });
    const idOf = (id: number | undefined) => Buffer.from(`Figure:${id}`).toString('base64');
    await again.ask(
      `mutation ($withdrawn: ID!, $revised: ID!) {
        withdrawFigure(id: $withdrawn, reason: "Wrong.") { userErrors { code } }
        reviseFigure(id: $revised, input: { value: 270001, reason: "Restated." }) { userErrors { code } }
        updateSubject(slug: "nio-inc", input: { name: "NIO" }) { userErrors { code } }
      }`,
      { withdrawn: idOf(withdrawn?.id), revised: idOf(revised?.id) },
    );
    const claim = await again.db.milestoneClaim.findFirstOrThrow({ where: { on: '2026-01-19' } });
    await again.db.milestoneClaim.delete({ where: { id: claim.id } });
    const { claims, changes, ...before } = await stateOf(again);
    await seedDatabase(again.db);
    expect(await stateOf(again)).toEqual({ ...before, claims: (claims ?? 0) + 1, changes: (changes ?? 0) + 1 });
    for (const id of [withdrawn?.id, revised?.id] as number[]) {
      const figure = await again.db.figure.findUniqueOrThrow({ where: { id } });
      expect([figure.claimKey, figure.knownUntil]).toEqual([null, expect.any(Date)]);
    }
    expect(await again.ask('{ company(slug: "nio-inc") { name } }')).toEqual({ company: { name: 'NIO' } });
  });
});

describe('the seed answers', () => {
  test('who is in the million club, and since when', async () => {
    const { milestones: club } = await api.ask<{
      milestones: { nodes: { subject: { slug: string }; reachedOn: string; metric: string }[] };
    }>(`{
      milestones(filter: { kinds: [UNITS], threshold: 1000000, statuses: [ANNOUNCED, CONFIRMED] }) {
        nodes { subject { slug } reachedOn metric }
      }
    }`);
    expect(club.nodes.map(({ subject, reachedOn, metric }) => `${subject.slug} ${reachedOn} ${metric}`)).toEqual([
      'li-auto 2024-10-15 PRODUCTION',
      'leapmotor 2025-09-25 PRODUCTION',
      'hima 2025-10-28 DELIVERIES',
      'xpeng 2025-11-21 PRODUCTION',
      'nio-inc 2026-01-06 PRODUCTION',
      'aito 2026-01-13 PRODUCTION',
    ]);
  });

  test('what Xiaomi set out to deliver, in one target for each year and revision', async () => {
    const { targets: set } = await api.ask<{ targets: { nodes: object[] } }>(
      `{ targets(subjects: ["xiaomi-auto"]) { nodes {
        metric period value revises { value } claims { statedMetric source { publisher { slug } } } progress { metric ratio verdict }
      } } }`,
    );
    const said = (statedMetric: string, slug: string) => ({ statedMetric, source: { publisher: { slug } } });
    const cnbc = 'cnbc-mirror-at-alekbo-machine-altered-text';
    expect(set.nodes).toEqual([
      {
        ...{ metric: 'DELIVERIES', period: '2025', value: 350_000, revises: { value: 300_000 } },
        claims: [said('DELIVERIES', cnbc), said('DELIVERIES', 'autogear')],
        progress: { metric: 'DELIVERIES', ratio: expect.closeTo(410 / 350, 10), verdict: 'MET' },
      },
      {
        ...{ metric: 'DELIVERIES', period: '2024', value: 100_000, revises: null },
        claims: [said('DELIVERIES', 'cnevpost')],
        // Of its deliveries only 15,704 to May are known, of its sales all.
        progress: { metric: 'SALES', ratio: 1.39471, verdict: 'MET' },
      },
      {
        ...{ metric: 'DELIVERIES', period: '2025', value: 300_000, revises: null },
        claims: [said('DELIVERIES', 'china-daily')],
        progress: { metric: 'DELIVERIES', ratio: expect.closeTo(1.367, 3), verdict: 'MET' },
      },
      {
        ...{ metric: 'DELIVERIES', period: '2026', value: 550_000, revises: null },
        claims: [said('DELIVERIES', 'gasgoo'), said('SALES', 'china-daily'), said('DELIVERIES', 'ukravtomobil')],
        progress: { metric: 'SALES', ratio: 185_055 / 550_000, verdict: 'BEHIND' },
      },
    ]);
  });

  test('no target as running whose time is over', async () => {
    const { targets: all } = await api.ask<{
      targets: {
        nodes: { subject: { slug: string }; period: string; progress: { verdict: string; requiredPerMonth: number } }[];
      };
    }>(
      `{ targets(first: 100) { nodes { subject { slug } period progress { verdict requiredPerMonth projected { value } } } } }`,
    );
    const ofBefore = all.nodes.filter(({ period }) => period < '2026');
    expect(ofBefore.length).toBeGreaterThan(20);
    for (const { period, subject, progress } of ofBefore)
      expect({ subject, period, ...progress }).toMatchObject({
        ...{
          verdict: expect.stringMatching(/^(MET|MISSED|UNDETERMINED|NO_DATA)$/),
          requiredPerMonth: null,
          projected: null,
        },
      });
  });

  test('how far Leapmotor is from a million in 2026, by its deliveries', async () => {
    const monthly = [32_059, 28_067, 50_029, 71_387, 81_569, 93_376, 101_267];
    const before = [25_170, 25_287, 37_095, 41_039, 45_067, 48_006, 50_129];
    const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
    const { brand } = await api.ask<{ brand: { targets: { nodes: { progress: object }[] } } }>(`{
      brand(slug: "leapmotor") { targets { nodes { period metric value lower upper claims { value } progress {
        metric achieved remaining dataUntil verdict projectedOn growth { percent base } projected { value lower upper method }
      } } } }
    }`);
    expect(brand.targets.nodes).toMatchObject([
      { period: '2025', lower: 580_000, upper: 650_000, progress: { achieved: 596_555, verdict: 'MET' } },
      { period: '2025', lower: 500_000, upper: 600_000, progress: { achieved: 596_555, verdict: 'MET' } },
      {
        ...{ period: '2026', metric: 'SALES', value: 1_000_000, claims: [{ value: 1_000_000 }, { value: 1_000_000 }] },
        progress: {
          ...{ metric: 'DELIVERIES', achieved: sum(monthly), remaining: 1_000_000 - 457_754, dataUntil: '2026-07-31' },
          // A million is as much more as 593,753 were in 2025: of December's 60,423 the 57,621 of 30 days.
          ...{ verdict: 'BEHIND', projectedOn: '2026-12-30' },
          growth: { percent: expect.closeTo((457_754 / 271_793 - 1) * 100, 8), base: sum(before) },
          projected: {
            value: Math.round((457_754 * 596_555) / 271_793),
            // May had the slowest days. At the fastest pace it would be less than as in 2025, so that is the upper bound.
            lower: Math.round(457_754 + (81_569 / 31) * 153),
            upper: Math.round((457_754 * 596_555) / 271_793),
            method:
              'As in 2025, of whose total 45.6% was 2025-01/2025-07; the bounds cover that and the pace of the slowest and of the fastest of 2026-05, 2026-06 and 2026-07.',
          },
        },
      },
    ]);
  });

  test('that NIO aims at a growth in the year that one of two sources names', async () => {
    const { company } = await api.ask<{ company: { targets: { nodes: { growthMinPercent: number | null }[] } } }>(`{
      company(slug: "nio-inc") { targets(kinds: [TARGET], first: 100) { nodes { period growthMinPercent growthMaxPercent claims { source { publisher { slug } } }
        progress { achieved remaining verdict projectedOn growth { percent base } projected { value lower upper method } } } } }
    }`);
    expect(company.targets.nodes.filter(({ growthMinPercent }) => growthMinPercent !== null)).toMatchObject([
      {
        ...{ period: '2026', growthMinPercent: 40, growthMaxPercent: 50 },
        claims: [
          { source: { publisher: { slug: 'gasgoo' } } },
          { source: { publisher: { slug: 'eletric-vehicles-com' } } },
        ],
        progress: {
          // 40 percent more than the 326,028 of 2025 are 456,439.2.
          ...{ achieved: 227_057, remaining: expect.closeTo(229_382.2, 6), verdict: 'AHEAD' },
          // That is as much more as 271,718 were in 2025: 241,618 to October, and 30,100 of November's 36,275 in 25 days.
          projectedOn: '2026-11-25',
          growth: { percent: expect.closeTo((227_057 / 135_167 - 1) * 100, 8), base: 135_167 },
          projected: {
            value: Math.round((227_057 * 326_028) / 135_167),
            method: expect.stringContaining('as in 2023, 2024 and 2025'),
          },
        },
      },
    ]);
  });

  test('both days that sources give for the launch of the SU7, and which one counts', async () => {
    const data = await api.ask(`{
      model(slug: "xiaomi-su7") {
        milestones(filter: { kinds: [LAUNCH] }) { nodes { reachedOn status agreement claims { on rank source { publisher { slug } } } } }
      }
    }`);
    const claims = [
      { on: '2024-03-28', rank: 'NORMAL', source: { publisher: { slug: 'china-daily' } } },
      { on: '2024-04', rank: 'DEPRECATED', source: { publisher: { slug: 'beijing-review' } } },
      { on: '2024-03-28', rank: 'NORMAL', source: { publisher: { slug: 'cnevpost' } } },
    ];
    const launch = { reachedOn: '2024-03-28', status: 'ANNOUNCED', agreement: 'AGREES', claims };
    expect(data).toEqual({ model: { milestones: { nodes: [launch] } } });
  });

  test('that AITO took 46 months to its million, although one source says five years', async () => {
    const { brand } = await api.ask<{
      brand: { milestones: { nodes: { elapsed: object; claims: { statedElapsed: object; rank: string }[] }[] } };
    }>(`{
      brand(slug: "aito") {
        milestones(filter: { kinds: [UNITS], metrics: [PRODUCTION], threshold: 1000000 }) {
          nodes { elapsed { months stated sinceWhat } claims { statedElapsed { value unit } rank } }
        }
      }
    }`);
    const [million] = brand.milestones.nodes;
    expect(million?.claims).toContainEqual({ statedElapsed: { value: 46, unit: 'months' }, rank: 'NORMAL' });
    expect(million?.claims).toContainEqual({ statedElapsed: { value: 5, unit: 'years' }, rank: 'DEPRECATED' });
    expect(million?.elapsed).toEqual({ months: 46, stated: true, sinceWhat: 'FIRST_DELIVERY' });
  });
});
