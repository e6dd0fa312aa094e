import { afterAll, beforeAll, expect, test } from 'vitest';
import { cutOf, readAfter, readLogState } from '../../src/changes/log.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';

/** The id of one row in each table that a change can be about. */
const ID = 5_000;
const TABLES = ['Subject', 'Source', 'Figure', 'Milestone', 'Target', 'Membership'] as const;
const NODE = `__typename subject { slug }
  ... on FigureChange { figure { metric value source { id } } observation { value } }
  ... on MilestoneChange { milestone { metric title } }
  ... on TargetChange { target { metric value } }
  ... on MembershipChange { membership { brand { slug } } }`;

let scenario: Scenario;
let changes: Readonly<Record<'figure' | 'milestone' | 'target' | 'subject' | 'membership', Told>>;

interface Told {
  readonly __typename: string;
  readonly subject: { readonly slug: string };
}

beforeAll(async () => {
  scenario = await openScenario();
  const { api, subject, record, announce, aim, join } = scenario;
  const [figures, milestones, targets] = [await subject('BRAND'), await subject('BRAND'), await subject('BRAND')];
  for (const table of TABLES) await api.db.$executeRawUnsafe(`alter sequence "${table}_id_seq" restart with ${ID}`);
  const alliance = await subject('ALLIANCE');
  await record(figures, { '2025-01': 7 }, { metric: 'DELIVERIES' });
  await announce(milestones, { metric: 'PRODUCTION', title: 'The millionth' });
  await aim(targets, { metric: 'SALES', period: '2030', value: 9 });
  await join(alliance, figures);
  const observed = { observation: { value: 7 } };
  changes = {
    figure: {
      ...{ __typename: 'FigureChange', subject: { slug: figures }, ...observed },
      ...{ figure: { metric: 'DELIVERIES', value: 7, source: { id: Buffer.from(`Source:${ID}`).toString('base64') } } },
    },
    milestone: {
      ...{ __typename: 'MilestoneChange', subject: { slug: milestones } },
      ...{ milestone: { metric: 'PRODUCTION', title: 'The millionth' } },
    },
    target: {
      ...{ __typename: 'TargetChange', subject: { slug: targets } },
      ...{ target: { metric: 'SALES', value: 9 } },
    },
    subject: { __typename: 'SubjectChange', subject: { slug: alliance } },
    membership: {
      ...{ __typename: 'MembershipChange', subject: { slug: alliance } },
      ...{ membership: { brand: { slug: figures } } },
    },
  };
});

afterAll(() => scenario[Symbol.asyncDispose]());

test('the rows that these changes are about have the same id', async () => {
  const { db } = scenario.api;
  for (const table of TABLES) {
    const rows = await db.$queryRawUnsafe<unknown[]>(`select 1 from "${table}" where id = ${ID}`);
    expect([table, rows.length]).toEqual([table, 1]);
  }
});

test.each([
  ['DELIVERIES', 'figure'],
  ['PRODUCTION', 'milestone'],
  ['SALES', 'target'],
] as const)('a filter by %s lets through the %s alone, in a page and in a subscription', async (metric, about) => {
  expect(await pageOf({ metrics: [metric] })).toEqual([changes[about]]);
  expect(await firstOf({ metrics: [metric] })).toEqual(changes[about]);
});

test('a filter by subject lets through what is about it', async () => {
  for (const { subject, ...change } of [changes.milestone, changes.target])
    expect(await pageOf({ subjects: [subject.slug] })).toEqual([
      { __typename: 'SubjectChange', subject },
      { subject, ...change },
    ]);
  const { slug } = changes.subject.subject;
  const filter = { subjects: [slug], includeDescendants: false };
  expect(await pageOf(filter)).toEqual([changes.subject, changes.membership]);
  expect(await firstOf(filter)).toEqual(changes.subject);
});

test('each entry has what is known of its own row', async () => {
  const { db } = scenario.api;
  const entries = await readAfter(db, cutOf(await readLogState(db)), 100);
  const nothing = { metric: null, period: null, sourceId: null, milestoneKind: null, threshold: null };
  expect(
    entries.flatMap(({ kind, aboutId, metric, period, sourceId, milestoneKind, threshold }) =>
      aboutId === ID ? [{ kind, metric, period, sourceId, milestoneKind, threshold }] : [],
    ),
  ).toEqual([
    { ...nothing, kind: 'SUBJECT' },
    { ...nothing, kind: 'SOURCE' },
    { ...nothing, kind: 'FIGURE', metric: 'DELIVERIES', period: '2025-01', sourceId: ID },
    { ...nothing, kind: 'MILESTONE', metric: 'PRODUCTION', milestoneKind: 'UNITS', threshold: 1_000_000 },
    { ...nothing, kind: 'TARGET', metric: 'SALES' },
    { ...nothing, kind: 'MEMBERSHIP' },
  ]);
});

async function pageOf(filter: object): Promise<readonly Told[]> {
  const { changes: page } = await scenario.api.ask<{ changes: { nodes: Told[] } }>(
    `query ($filter: ChangeFilter) { changes(filter: $filter) { nodes { ${NODE} } } }`,
    { filter },
  );
  return page.nodes;
}

/** The first change of a subscription that begins with the oldest. */
async function firstOf(filter: object): Promise<Told> {
  const { db } = scenario.api;
  const after = cutOf(await readLogState(db)).cursor;
  const events = scenario.api.subscribe<{ changes: Told }>(
    `subscription ($filter: ChangeFilter, $after: Cursor) { changes(filter: $filter, after: $after) { ${NODE} } }`,
    { filter, after },
  );
  for await (const event of events) return event.changes;
  throw new Error('The subscription ended without a change.');
}
