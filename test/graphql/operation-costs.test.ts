import { readdir, readFile } from 'node:fs/promises';
import { type DocumentNode, getVariableValues, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { measureOperation } from '../../src/graphql/cost.ts';
import { schema } from '../../src/graphql/schema.ts';

const ROOT = new URL('../../', import.meta.url);
const EXAMPLES = 'schema/operations/';
const PAGES = 'dashboard/src/';
const LIMIT = 10_000;
const MAKERS = ['nio', 'xpeng', 'li-auto', 'leapmotor', 'aito', 'xiaomi-auto', 'onvo', 'byd'];
/** What the pages ask with, by the names of the variables. */
const ASKED: Readonly<Record<string, unknown>> = {
  ...{ slug: 'nio', query: 'nio', maker: 'nio', subject: 'nio', metric: 'DELIVERIES', year: '2025', period: '2025-10' },
  ...{
    from: '2022-01',
    to: '2026-07',
    granularity: 'MONTH',
    on: '2026-07-31',
    until: '2026-07-31',
    by: 'MONTH',
    toDate: '2025-01/2025-10',
  },
  ...{
    metrics: ['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL'],
    makers: MAKERS,
    subjects: MAKERS,
    ids: MAKERS,
    first: 20,
  },
  ...{ a: 'a', b: 'b', c: 'c', d: 'd', e: 'e', f: 'f', g: 'g', h: 'h', text: 'nio', last: 40 },
};

const files = await readdir(new URL(PAGES, ROOT), { recursive: true });
const modules = await Promise.all(
  files
    .filter((file) => file.endsWith('-query.ts'))
    .map((file) => import(new URL(`${PAGES}${file}`, ROOT).href) as Promise<Readonly<Record<string, unknown>>>),
);
const ofPages = modules.flatMap((module) => Object.values(module).filter(isDocument)).flatMap(operationsIn);
const examples = await Promise.all(
  (await readdir(new URL(EXAMPLES, ROOT))).map((file) => readFile(new URL(`${EXAMPLES}${file}`, ROOT), 'utf8')),
);
const ofExamples = examples.map((text) => parse(text)).flatMap(operationsIn);

/** The table asks for a year of everybody. */
const OF_A_YEAR = {
  from: '2025-01',
  to: '2025-12',
  subjects: Array.from({ length: 40 }, (_, index) => `maker-${index}`),
};

describe.each([
  ['now', null],
  ['as of an instant', '2026-01-01T00:00:00Z'],
])('%s', (_when, asOf) => {
  test.each([...ofPages, ...ofExamples])('$name costs no more than one operation may', ({ document, operation }) => {
    expect(costOf(document, operation, asOf)).toBeLessThanOrEqual(LIMIT);
  });
});

function costOf(document: DocumentNode, operation: OperationDefinitionNode, asOf: string | null): number {
  const declared = operation.variableDefinitions ?? [];
  const given = Object.fromEntries(
    declared.flatMap(({ variable: { name }, type }) => {
      if (name.value === 'asOf') return asOf === null ? [] : [['asOf', asOf]];
      if (!(name.value in ASKED)) return [];
      const value = { ...ASKED, ...(operation.name?.value === 'MonthlyTable' ? OF_A_YEAR : {}) }[name.value];
      const isList =
        type.kind === Kind.NON_NULL_TYPE ? type.type.kind === Kind.LIST_TYPE : type.kind === Kind.LIST_TYPE;
      return [[name.value, isList && !Array.isArray(value) ? [value] : value]];
    }),
  );
  const { coerced, errors } = getVariableValues(schema, declared, given);
  if (coerced === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return measureOperation({ schema, document, operation, variableValues: coerced }).cost;
}

function operationsIn(document: DocumentNode) {
  return document.definitions.flatMap((operation) =>
    operation.kind === Kind.OPERATION_DEFINITION ? [{ name: operation.name?.value ?? '', document, operation }] : [],
  );
}

function isDocument(value: unknown): value is DocumentNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === Kind.DOCUMENT;
}
