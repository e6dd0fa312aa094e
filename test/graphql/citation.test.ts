import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { statementsOf } from '../support/statements.ts';

interface Shown {
  readonly citation: string;
  readonly url: string;
  readonly notes: readonly string[];
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function shown(args: string): Promise<Shown> {
  const query = `{ observation(${args}) { citation url notes } }`;
  return (await scenario.api.ask<{ observation: Shown }>(query)).observation;
}

const YICAI = 'Yicai (digest at reportify.cn), "New EV brands January 2026 (Chinese)", published on 2026-02-01';

test.each([
  ['subject: "leapmotor", period: "2026-01"', `Leapmotor had 32,059 deliveries in 2026-01, according to ${YICAI}.`],
  [
    'subject: "nio-inc", period: "../2026-01-31"',
    `NIO Inc. had 1,024,774 deliveries from the start to 2026-01-31, the sum of 2 periods, ../2025-12-31 to 2026-01, last from ${YICAI}.`,
  ],
  [
    'subject: "xiaomi-auto", period: "2025"',
    'Xiaomi Auto had about 410,000 (405,000 to 415,000) deliveries in 2025, according to Xiaomi in China Daily, "Xiaomi unveils ambitious EV roadmap for 2026", publication day unknown.',
  ],
  [
    'subject: "gac", metric: CHARGING_STATIONS, within: "thailand", period: "../2026-01-22"',
    'GAC had 58 charging stations "Thailand" on 2026-01-22, according to Beijing Review, "How technology, community and globalization are redefining the NEV Industry", publication day unknown.',
  ],
  [
    'subject: "gac", metric: MARKET_SHARE, within: "thailand-taxi", period: "2026-01-22"',
    'GAC had over 50 percent of the market "Thai taxi market" on 2026-01-22, according to Beijing Review, "How technology, community and globalization are redefining the NEV Industry", publication day unknown.',
  ],
])('%s is cited in one sentence', async (args, citation) => {
  expect((await shown(args)).citation).toBe(citation);
});

test.each([
  // 1,024,774 follow from the claims about 2025 and January; 1,024,800 was said.
  ['subject: "nio-inc", period: "../2026-01-31"', ["Tiger Brokers news's 1,024,800 is taken as rounded."]],
  [
    'subject: "leapmotor", period: "2026-01"',
    ["Ukravtomobil's 28,364 is set aside, because other claims contradict it."],
  ],
  [
    'subject: "gac", metric: CHARGING_STATIONS, within: "thailand", period: "../2026-01-22"',
    ['Only of Thailand, not of all of GAC.'],
  ],
  ['subject: "nio-inc", period: "2026-07"', []],
  ['subject: "nio-inc", period: "2026-Q2"', []],
])('the notes of %s say what a reader has to know', async (args, notes) => {
  expect((await shown(args)).notes).toEqual(notes);
});

test('a value that does not add up over time tells what contradicts it', async () => {
  const brand = await scenario.subject('BRAND');
  const fields = { metric: 'SWAP_STATIONS' };
  await scenario.record(brand, { '2025-12-31': 300 }, { ...fields, sourceId: await scenario.source(1) });
  const other = await scenario.source(4);
  await scenario.record(brand, { '2025-12-31': 280 }, { ...fields, sourceId: other });
  const { notes } = await shown(`subject: "${brand}", metric: SWAP_STATIONS, period: "2025-12-31"`);
  expect(notes).toEqual([expect.stringMatching(/'s 280 is set aside, because other claims contradict it\.$/)]);
});

test('the address names the head of the log, subject, metric and period, and market and instant where they were given', async () => {
  const head = await scenario.api.server.head();
  const addresses = [
    ['subject: "nio-inc", period: "2026-07"', 'nio-inc/DELIVERIES/2026-07'],
    ['subject: "nio-inc", period: "../2026-07-31"', 'nio-inc/DELIVERIES/..%2F2026-07-31'],
    [
      'subject: "nio-inc", period: "2025-12", asOf: "2026-06-01T08:00:00+08:00"',
      'nio-inc/DELIVERIES/2025-12?asOf=2026-06-01T00%3A00%3A00.000Z',
    ],
    [
      'subject: "gac", metric: MARKET_SHARE, within: "thailand-taxi", period: "2026-01-22"',
      'gac/MARKET_SHARE/2026-01-22?within=thailand-taxi',
    ],
  ] as const;
  for (const [args, place] of addresses) expect((await shown(args)).url).toBe(`/v/${head}/${place}`);
  const { head: asked, observation } = await scenario.api.ask<{ head: string; observation: Shown }>(
    '{ observation(subject: "nio-inc", period: "2026-07") { url } head }',
  );
  expect(observation.url).toBe(`/v/${asked}/nio-inc/DELIVERIES/2026-07`);
});

test('what a change says has the address of its place in the log', async () => {
  const brand = await scenario.subject('BRAND');
  const after = await scenario.api.server.head();
  const { ids } = await scenario.record(brand, { '2025-03': 300 });
  await scenario.revise(ids[0] as string, 310);
  const { changes } = await scenario.api.ask<{
    changes: { nodes: { cursor: string; observation?: Shown }[] };
  }>(
    'query ($after: Cursor) { changes(after: $after) { nodes { cursor ... on FigureChange { observation { url } } } } }',
    {
      after,
    },
  );
  expect(changes.nodes.map(({ observation }) => observation?.url)).toEqual(
    changes.nodes.map(({ cursor }) => `/v/${cursor}/${brand}/DELIVERIES/2025-03`),
  );
});

test('a board of many is cited with as many statements as one of few', async () => {
  const ask = (first: number) =>
    statementsOf(() =>
      scenario.api.ask(
        `{ leaderboard(period: "2025-12", first: ${first}) { entries { observation { citation url notes } } } }`,
      ),
    );
  const few = await ask(3);
  const many = await ask(12);
  expect(many.length).toBeLessThanOrEqual(few.length + 3);
});
