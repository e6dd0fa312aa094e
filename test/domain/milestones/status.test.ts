import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Reached, type Scenario } from '../../support/scenario.ts';

const MILLION = 1_000_000;

interface Push {
  readonly milestoneReached: {
    readonly status: string;
    readonly milestone: { readonly id: string };
    readonly causedBy: { readonly id: string; readonly value: number } | null;
  };
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a detected million that is corrected to 997,592 is withdrawn, and reinstated when it is crossed again', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids, milestones } = await scenario.record(brand, { '../2025-12-31': 1_000_100 });
  const detected = milestones.at(-1) as Reached;
  expect(detected).toMatchObject({ threshold: MILLION, status: 'DETECTED' });

  const corrected = await scenario.revise(ids[0] as string, 997_592);
  expect(corrected.milestones).toMatchObject([{ id: detected.id, status: 'WITHDRAWN', reachedOn: null, window: null }]);
  expect(await causes(brand)).toEqual([
    { status: 'DETECTED', causedBy: { value: 1_000_100 } },
    { status: 'WITHDRAWN', causedBy: { value: 997_592 } },
  ]);

  const crossed = await scenario.record(brand, { '2026-01': 27_182 });
  expect(crossed.milestones).toMatchObject([{ id: detected.id, status: 'DETECTED', reachedOn: '2026-01' }]);
  expect((await causes(brand)).at(-1)).toEqual({ status: 'DETECTED', causedBy: { value: 27_182 } });
});

test('a detected million is withdrawn with the figure it rests on', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '../2025-12-31': 1_000_100 });
  const { milestones } = await scenario.withdraw(ids[0] as string);
  expect(milestones).toHaveLength(5);
  expect(new Set(milestones.map(({ status }) => status))).toEqual(new Set(['WITHDRAWN']));
});

test('withdrawn milestones are listed and counted only when they are asked for', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '../2025-12-31': 12_345 });
  await scenario.withdraw(ids[0] as string);
  const listed = await scenario.api.ask<Readonly<Record<string, object>>>(
    `query ($slug: String!) {
      byDefault: milestones(filter: { subjects: [$slug] }) { totalCount nodes { status } }
      withNull: milestones(filter: { subjects: [$slug], statuses: null }) { totalCount nodes { status } }
      withdrawn: milestones(filter: { subjects: [$slug], statuses: [WITHDRAWN] }) { totalCount nodes { status } }
      subject(slug: $slug) {
        milestones { totalCount nodes { status } }
        withdrawn: milestones(filter: { statuses: [WITHDRAWN] }) { totalCount nodes { status } }
      }
    }`,
    { slug: brand },
  );
  const none = { totalCount: 0, nodes: [] };
  const withdrawn = { totalCount: 1, nodes: [{ status: 'WITHDRAWN' }] };
  expect(listed).toEqual({ byDefault: none, withNull: none, withdrawn, subject: { milestones: none, withdrawn } });
  const { milestones } = await scenario.api.ask<{ milestones: { nodes: { subject: { slug: string } }[] } }>(
    '{ milestones(first: 100) { nodes { subject { slug } } } }',
  );
  expect(milestones.nodes.map(({ subject }) => subject.slug)).not.toContain(brand);
});

test('a detected million is withdrawn when its figure is deprecated, and reinstated when the figure counts again', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '../2025-12-31': 1_000_100 });
  expect((await scenario.rank(ids[0] as string, 'DEPRECATED')).milestones.at(-1)).toMatchObject({
    status: 'WITHDRAWN',
  });
  expect((await scenario.rank(ids[0] as string, 'NORMAL')).milestones.at(-1)).toMatchObject({ status: 'DETECTED' });
});

test('an announced million is confirmed by figures, disputed by a correction, and confirmed again, under one id', async () => {
  const brand = await scenario.subject('BRAND');
  const announced = await scenario.announce(brand, { reachedOn: '2026-01-06' });
  expect(announced).toMatchObject({ status: 'ANNOUNCED', reachedOn: '2026-01-06' });

  const { ids, milestones } = await scenario.record(brand, { '../2026-01-31': 1_024_774 });
  const all = { id: announced.id, reachedOn: '2026-01-06' };
  expect(milestones.at(-1)).toMatchObject({ ...all, status: 'CONFIRMED' });

  const corrected = await scenario.revise(ids[0] as string, 997_592);
  expect(corrected.milestones).toMatchObject([{ ...all, status: 'DISPUTED' }]);

  const again = await scenario.revise(corrected.ids[0] as string, 1_024_774);
  expect(again.milestones).toMatchObject([{ ...all, status: 'CONFIRMED' }]);
  expect(await causes(brand)).toEqual([
    { status: 'ANNOUNCED', causedBy: null },
    { status: 'CONFIRMED', causedBy: { value: 1_024_774 } },
    { status: 'DISPUTED', causedBy: { value: 997_592 } },
    { status: 'CONFIRMED', causedBy: { value: 1_024_774 } },
  ]);
});

test('an announcement of what figures have detected is confirmed at once', async () => {
  const brand = await scenario.subject('BRAND');
  const { milestones } = await scenario.record(brand, { '../2026-01-31': 1_024_774 });
  const confirmed = await scenario.announce(brand, { reachedOn: '2026-01-06' });
  expect(confirmed).toMatchObject({ id: milestones.at(-1)?.id, status: 'CONFIRMED', reachedOn: '2026-01-06' });
});

test('figures from before the announced day do not dispute it', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 997_592 });
  expect(await scenario.announce(brand, { reachedOn: '2026-01-06' })).toMatchObject({ status: 'ANNOUNCED' });
  const { milestones } = await scenario.record(brand, { '../2026-01-06': 998_000 });
  expect(milestones).toMatchObject([{ status: 'DISPUTED' }]);
});

test('an expected million stays expected until figures cross it', async () => {
  const brand = await scenario.subject('BRAND');
  const expected = await scenario.announce(brand, { reachedOn: '2026', expected: true });
  expect(expected).toMatchObject({ status: 'EXPECTED' });
  expect(await scenario.record(brand, { '../2025-12-31': 410_000 })).toMatchObject({
    milestones: [{ threshold: 10_000 }, { threshold: 50_000 }, { threshold: 100_000 }],
  });
  const { milestones } = await scenario.record(brand, { '../2026-09-30': 1_000_100 });
  expect(milestones.find(({ threshold }) => threshold === MILLION)).toMatchObject({
    id: expected.id,
    status: 'DETECTED',
  });
});

test('announcements of several sources are claims of one milestone', async () => {
  const brand = await scenario.subject('BRAND');
  const first = await scenario.announce(brand, { reachedOn: '2024' });
  const second = await scenario.announce(brand, { reachedOn: '2024-10-15', sourceId: await scenario.source(3) });
  expect(second).toMatchObject({ id: first.id, reachedOn: '2024-10-15', status: 'ANNOUNCED' });
  const { milestones } = await scenario.api.ask<{ milestones: unknown }>(
    'query($s: String!) { milestones(filter: { subjects: [$s] }) { nodes { agreement claims { on } } } }',
    { s: brand },
  );
  expect(milestones).toEqual({ nodes: [{ agreement: 'AGREES', claims: [{ on: '2024' }, { on: '2024-10-15' }] }] });
});

test('each change of status is pushed once, with the same id and its cause', async () => {
  const brand = await scenario.subject('BRAND');
  const { head } = await scenario.api.ask<{ head: string }>('{ head }');
  const pushes = scenario.api.subscribe<Push>(
    `subscription($subject: String!, $after: Cursor) {
      milestoneReached(filter: { subjects: [$subject], threshold: 1000000 }, after: $after) {
        status milestone { id } causedBy { id value }
      }
    }`,
    { subject: brand, after: head },
  );
  await scenario.announce(brand, { reachedOn: '2026-01-06' });
  const { ids } = await scenario.record(brand, { '../2026-01-31': 1_024_774 });
  // A further claim and a narrower window change no status.
  await scenario.announce(brand, { reachedOn: '2026-01', sourceId: await scenario.source(3) });
  await scenario.record(brand, { '../2025-12-31': 990_000 });
  const corrected = await scenario.revise(ids[0] as string, 999_000);
  await scenario.revise(corrected.ids[0] as string, 1_024_800);

  const pushed: Push['milestoneReached'][] = [];
  for await (const { milestoneReached } of pushes) {
    pushed.push(milestoneReached);
    if (milestoneReached.causedBy?.value === 1_024_800) break;
  }
  expect(pushed.map(({ status, causedBy }) => [status, causedBy?.value ?? null])).toEqual([
    ['ANNOUNCED', null],
    ['CONFIRMED', 1_024_774],
    ['DISPUTED', 999_000],
    ['CONFIRMED', 1_024_800],
  ]);
  expect(new Set(pushed.map(({ milestone }) => milestone.id)).size).toBe(1);
});

/** The statuses the million had, in order, each with the figure that caused it. */
async function causes(subject: string): Promise<readonly unknown[]> {
  type Change = { status?: string; milestone?: { threshold: number }; causedBy: { value: number } | null };
  const { changes } = await scenario.api.ask<{ changes: { nodes: Change[] } }>(
    `query($subject: String!) { changes(filter: { subjects: [$subject] }) { nodes {
      ... on MilestoneChange { status milestone { threshold } causedBy { value } }
    } } }`,
    { subject },
  );
  return changes.nodes
    .filter(({ milestone }) => milestone?.threshold === MILLION)
    .map(({ status, causedBy }) => ({ status, causedBy }));
}
