import { type GraphQLObjectType, getNamedType, isLeafType, isRequiredArgument } from 'graphql';
import { afterAll, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { openApi } from '../support/api.ts';
import { statementsOf } from '../support/statements.ts';
import { unique } from '../support/writes.ts';

const api = await openApi({ seeded: true, key: null });
afterAll(() => api[Symbol.asyncDispose]());

/** Where observations are shown that are read together, around what is asked of each. */
const PLACES = {
  series: (asked: string) =>
    `series(subjects: ["nio", "nio-inc", "byd", "leapmotor"], from: "2024-06", to: "2025-12") { observations { period ${asked} } }`,
  years: (asked: string) =>
    `series(subjects: ["nio", "nio-inc"], granularity: YEAR) { observations { period ${asked} } }`,
  choice: (asked: string) =>
    `series(subjects: ["nio", "byd"], metrics: [DELIVERIES, SALES], from: "2025-06", to: "2025-09") { observations { period ${asked} } }`,
  board: (asked: string) =>
    `leaderboard(period: "2025-Q4", kinds: [BRAND, COMPANY]) { entries { rank observation { ${asked} } } }`,
  single: (asked: string) => `leaderboard(period: "2025-12") { entries { rank observation { ${asked} } } }`,
};

const GROWTH = leavesOf('Growth');
const FIELDS = [
  ...selectionsOf('Observation'),
  ...GROWTH.flatMap((name) => ['YEAR_AGO', 'PREVIOUS'].map((over) => `change(over: ${over}) { ${name} }`)),
];

test.each(Object.entries(PLACES))(
  'each field of an observation in a %s is what it is beside all others',
  async (_name, place) => {
    const whole = await ask(place(FIELDS.map((field, index) => `f${index}: ${field}`).join(' ')));
    for (const [index, field] of FIELDS.entries()) {
      const alone = await ask(place(`f${index}: ${field}`));
      expect(alone, field).toEqual(only(whole, `f${index}`));
    }
  },
  120_000,
);

test('what an entry of a board says is the same whatever is asked of its observation', async () => {
  const board = (asked: string) =>
    `leaderboard(period: "2025-12", metrics: [DELIVERIES, SALES]) { entries { ${asked} } }`;
  const all = FIELDS.map((field, index) => `f${index}: ${field}`).join(' ');
  for (const field of leavesOf('LeaderboardEntry')) {
    const whole = await ask(board(`f: ${field} observation { ${all} }`));
    expect(await ask(board(`f: ${field}`)), field).toEqual(only(whole, 'f'));
  }
});

test('what was read of a series can be shown by another field', async () => {
  const series = 'series(metric: DELIVERIES, from: "2025-01", to: "2025-12") { observations { value } }';
  const others = [
    'observation(period: "2025-06") { explanation }',
    'observation(metrics: [DELIVERIES, SALES], period: "2025-06") { metric value }',
    'curve { points { value qualifier } }',
    'nextMilestone { threshold earliest method }',
  ];
  for (const other of others) {
    const both = await ask(`brand(slug: "nio") { ${series} other: ${other} }`);
    const alone = await ask(`brand(slug: "nio") { other: ${other} }`);
    expect(alone, other).toEqual(only(both, 'other'));
  }
});

test.each(['series', 'single'] as const)('only what is asked for is read of the observations in a %s', async (name) => {
  const read = async (asked: string) =>
    (await statementsOf(() => api.ask(`# ${unique('details')}\n{ ${PLACES[name](asked)} }`))).find((statement) =>
      /readKeptSeries|rankApart|rankByIndex/.test(statement),
    );
  const details = { qualifier: 'o.qualifier', explanation: 'o.resolution', missing: 'o.missing', origins: 'o.origins' };
  for (const [field, column] of Object.entries(details)) {
    expect(await read(field)).toContain(column);
    expect(await read('value lower')).not.toContain(column);
  }
  expect(await read('value change(over: YEAR_AGO) { percent }')).toContain('o.missing');
});

function ask(asked: string): Promise<unknown> {
  return api.ask(`# ${unique('details')}\n{ ${asked} }`);
}

/** Of the parts of an answer that are numbered only one, and everything else. */
function only(answer: unknown, name: string): unknown {
  return JSON.parse(JSON.stringify(answer), (_key, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([key]) => key === name || !isOther(key, name)));
  });
}

function isOther(key: string, name: string): boolean {
  return name.startsWith('f') ? /^f\d+$/.test(key) || (name === 'f' && key === 'observation') : key === 'series';
}

/** Every field of a type that can be asked without arguments, with something of what it leads to. */
function selectionsOf(name: string): string[] {
  const { leaves, others } = fieldsOf(name);
  return [...leaves, ...others.map((field) => `${field} { __typename id }`)];
}

function leavesOf(name: string): string[] {
  return fieldsOf(name).leaves;
}

function fieldsOf(name: string) {
  const fields = Object.values((schema.getType(name) as GraphQLObjectType).getFields()).filter(
    ({ args }) => !args.some(isRequiredArgument),
  );
  const isLeaf = ({ type }: (typeof fields)[number]) => isLeafType(getNamedType(type));
  return {
    leaves: fields.filter(isLeaf).map((field) => field.name),
    others: fields.filter((field) => !isLeaf(field)).map((field) => field.name),
  };
}
