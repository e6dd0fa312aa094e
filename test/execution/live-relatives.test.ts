import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscribe } from '../support/readers.ts';
import { about, openScenario, over, type Scenario } from '../support/scenario.ts';
import { until } from '../support/wait.ts';

/** The slugs of a company of two brands, one of them in an alliance, and of another company. */
interface Family {
  readonly company: string;
  readonly near: string;
  readonly far: string;
  readonly union: string;
  readonly otherCompany: string;
}

const KNOWN = '{ value lower upper qualifier missing explanation }';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function makeFamily(): Promise<Family> {
  const { subject, join } = scenario;
  const [company, otherCompany] = [await subject('COMPANY'), await subject('COMPANY')];
  const [near, far] = [await subject('BRAND', { parent: company }), await subject('BRAND', { parent: company })];
  const union = await subject('ALLIANCE');
  await join(union, near);
  return { company, near, far, union, otherCompany };
}

const observed = (slug: string, period: string, metric = 'DELIVERIES'): string =>
  `observation(subject: "${slug}", metric: ${metric}, period: "${period}") ${KNOWN}`;

interface Case {
  /** What is there before; returns the ids of its figures. */
  readonly given?: (family: Family) => Promise<readonly string[]>;
  readonly write: (family: Family, figures: readonly string[]) => Promise<unknown>;
  /** A query whose answer the write changes, though it is about another subject, period or metric. */
  readonly query: (family: Family) => string;
}

const CASES: Readonly<Record<string, Case>> = {
  "a recorded month changes the company's year": {
    write: ({ near }) => scenario.record(near, { '2025-02': 101 }),
    query: ({ company }) => observed(company, '2025'),
  },
  "a recorded month changes the company's total to date": {
    write: ({ near }) => scenario.record(near, { '2025-02': 101 }),
    query: ({ company }) => `subject(slug: "${company}") { cumulative ${KNOWN} }`,
  },
  "a recorded month changes the company's series": {
    write: ({ near }) => scenario.record(near, { '2025-02': 101 }),
    query: ({ company }) => `series(subjects: ["${company}"], granularity: HALF) { observations ${KNOWN} }`,
  },
  'a recorded month changes the alliance': {
    write: ({ near }) => scenario.record(near, { '2025-02': 101 }),
    query: ({ union }) => observed(union, '2025-Q1'),
  },
  'a recorded month changes a week in it': {
    write: ({ near }) => scenario.record(near, { '2025-02': about(700) }),
    query: ({ near }) => observed(near, '2025-W07'),
  },
  'a recorded month changes a board of companies': {
    write: ({ near }) => scenario.record(near, { '2024-02': 101 }),
    query: () => 'leaderboard(period: "2024-02", kinds: [COMPANY]) { entries { rank subject { slug } } }',
  },
  "a recorded month changes the company's target": {
    given: async ({ company, far }) => {
      await scenario.aim(company, { period: '2025', value: 1_000 });
      return (await scenario.record(far, { '2025-01': 77 })).ids;
    },
    write: ({ near }) => scenario.record(near, { '2025-01': 101 }),
    query: ({ company }) => `targets(subjects: ["${company}"]) { nodes { progress { achieved verdict } } }`,
  },
  "a company's month changes what is left for the other brand": {
    given: async ({ near, far }) => [
      ...(await scenario.record(near, { '2025-02': 101 })).ids,
      ...(await scenario.record(far, { '2025-01': 77, '2025-03': 79 })).ids,
    ],
    write: ({ company }) => scenario.record(company, { '2025-02': 303 }),
    query: ({ far }) => observed(far, '2025-02'),
  },
  'deliveries change what was produced at least': {
    given: async ({ near }) =>
      (await scenario.record(near, { '../2025-03-31': over(51) }, { metric: 'PRODUCTION' })).ids,
    write: ({ near }) => scenario.record(near, { '../2025-03-31': 83 }),
    query: ({ near }) => observed(near, '../2025-03-31', 'PRODUCTION'),
  },
  "a revision changes the company's month": {
    given: async ({ near }) => (await scenario.record(near, { '2025-02': 101 })).ids,
    write: (_family, [id]) => scenario.revise(id as string, 103),
    query: ({ company }) => observed(company, '2025-02'),
  },
  "a withdrawal changes the alliance's month": {
    given: async ({ near }) => (await scenario.record(near, { '2025-02': 101 })).ids,
    write: (_family, [id]) => scenario.withdraw(id as string),
    query: ({ union }) => observed(union, '2025-02'),
  },
  "a rank changes the company's quarter": {
    given: async ({ near }) => (await scenario.record(near, { '2025-02': 101 })).ids,
    write: (_family, [id]) => scenario.rank(id as string, 'DEPRECATED'),
    query: ({ company }) => observed(company, '2025-Q1'),
  },
  'an announced number changes the total to its day': {
    write: ({ near }) => scenario.announce(near, { threshold: 1_234, reachedOn: '2025-02-10' }),
    query: ({ near }) => `subject(slug: "${near}") { cumulative(on: "2025-02-10") ${KNOWN} }`,
  },
  'an announced number changes the total to a later day': {
    given: async ({ near }) => (await scenario.record(near, { '../2025-02-28': over(900) })).ids,
    write: ({ near }) => scenario.announce(near, { threshold: 1_234, reachedOn: '2025-02-10' }),
    query: ({ near }) => observed(near, '../2025-02-28'),
  },
  'a brand that moves changes the company that it leaves': {
    given: async ({ near, far }) => [
      ...(await scenario.record(near, { '2025-02': 101 })).ids,
      ...(await scenario.record(far, { '2025-02': 77 })).ids,
    ],
    write: ({ near, otherCompany }) => update(near, { parent: otherCompany }),
    query: ({ company }) => observed(company, '2025-02'),
  },
  'a brand that moves changes the company that it comes to': {
    given: async ({ near }) => (await scenario.record(near, { '2025-02': 101 })).ids,
    write: ({ near, otherCompany }) => update(near, { parent: otherCompany }),
    query: ({ otherCompany }) => observed(otherCompany, '2025'),
  },
  'a first delivery changes a quarter': {
    given: async ({ near }) => (await scenario.record(near, { '../2025-03-31': 301 })).ids,
    write: ({ near }) => update(near, { firstDeliveryOn: '2025-01-01' }),
    query: ({ near }) => observed(near, '2025-Q1'),
  },
  'a brand that joins changes the alliance': {
    given: async ({ far }) => (await scenario.record(far, { '2025-02': 77 })).ids,
    write: ({ far, union }) => scenario.join(union, far),
    query: ({ union }) => observed(union, '2025-02'),
  },
  'a brand that leaves changes the alliance': {
    given: async ({ near, far, union }) => {
      await scenario.join(union, far, '2024-01-01');
      return [
        ...(await scenario.record(near, { '2025-02': 101 })).ids,
        ...(await scenario.record(far, { '2025-02': 77 })).ids,
      ];
    },
    write: async ({ far }) => {
      const { brand } = await scenario.api.ask<{ brand: { memberships: { id: string }[] } }>(
        `{ brand(slug: "${far}") { memberships { id } } }`,
      );
      return scenario.api.ask(
        'mutation ($id: ID!) { leaveAlliance(membershipId: $id, leftOn: "2025-01-01") { cursor } }',
        {
          id: brand.memberships[0]?.id,
        },
      );
    },
    query: ({ union }) => observed(union, '2025-02'),
  },
  "a brand's month that its company contradicts changes the contradictions": {
    given: async ({ company }) => (await scenario.record(company, { '2025-02': 55 })).ids,
    write: ({ near }) => scenario.record(near, { '2025-02': 101 }, { acknowledgeOutlier: true }),
    query: ({ company }) => `contradictions(filter: { subjects: ["${company}"] }) { totalCount nodes { explanation } }`,
  },
};

test.each(Object.keys(CASES))('%s, and a live query shows it', async (name) => {
  const { given, write, query } = CASES[name] as Case;
  const family = await makeFamily();
  const figures = (await given?.(family)) ?? [];
  const text = query(family);
  const live = subscribe<{ live: object }>(scenario.api.server.wsUrl, `subscription { live { ${text} } }`);
  await until('the first answer came', () => live.results.length === 1);
  const [before] = live.results;
  await write(family, figures);
  const fresh = await scenario.api.ask(`{ ${text} }`);
  expect(fresh).not.toEqual(before?.data?.live);
  await until('the live answer is that of a fresh query', () =>
    isDeepStrictEqual(live.results.at(-1)?.data?.live, fresh),
  );
  live.stop();
});

function update(slug: string, input: object): Promise<unknown> {
  return scenario.api.ask(
    'mutation ($slug: String!, $input: SubjectPatch!) { updateSubject(slug: $slug, input: $input) { cursor userErrors { message } } }',
    {
      slug,
      input,
    },
  );
}
