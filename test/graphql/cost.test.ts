import { getVariableValues, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { measureOperation } from '../../src/graphql/cost.ts';
import { schema } from '../../src/graphql/schema.ts';

const THEN = '"2026-01-01T00:00:00Z"';

function measure(text: string, given: Readonly<Record<string, unknown>> = {}) {
  const document = parse(text);
  const operation = document.definitions[0] as OperationDefinitionNode;
  const { coerced = {} } = getVariableValues(schema, operation.variableDefinitions ?? [], given);
  const { cost, ...rest } = measureOperation({ schema, document, operation, variableValues: coerced });
  return { ...rest, cost: Math.round(cost * 10) / 10 };
}
const costOf = (text: string, given?: Readonly<Record<string, unknown>>): number => measure(text, given).cost;

describe('an operation costs', () => {
  test('each object once and each value less, for each item of a page, and the count of a page once', () => {
    expect(costOf('{ head }')).toBe(0.2);
    expect(costOf('{ figures(first: 10) { nodes { id value } } }')).toBe(1 + 1 + 10 * (1 + 0.2 + 0.2));
    expect(costOf('{ figures(first: 10) { totalCount } }')).toBe(1.2);
  });

  test('the same whether sizes are literals, variables or defaults of variables', () => {
    const of = (size: string, head = '') => `${head} { figures(first: ${size}) { nodes { id } } }`;
    const cost = costOf(of('50'));
    expect(costOf(of('$n', 'query ($n: Int)'), { n: 50 })).toBe(cost);
    expect(costOf(of('$n', 'query ($n: Int = 50)'))).toBe(cost);
  });

  test('a series by the periods of its range, once for each subject', () => {
    const of = (subjects: string, to: string) =>
      costOf(`{ series(subjects: ${subjects}, from: "2024-01", to: "${to}") { observations { value } } }`);
    const [month, year] = [of('["nio"]', '2024-01'), of('["nio"]', '2024-12')];
    expect(year - month).toBeCloseTo(11 * 1.2);
    expect(of('["nio", "xpeng"]', '2024-12')).toBeCloseTo(2 * year);
  });

  test('what is asked of the dearest type, where an object can be of several', () => {
    const brand = '... on Brand { models(first: 10) { nodes { slug } } }';
    const company = '... on Company { slug }';
    const of = (selection: string) => costOf(`{ subject(slug: "nio") { ${selection} } }`);
    expect(of(`${brand} ${company}`)).toBe(of(brand));
    expect(of(company)).toBeLessThan(of(brand));
  });

  test('what is worked out from claims once for each metric and instant, and at most as all of them', () => {
    const of = (...names: readonly string[]) =>
      costOf(
        `{ brands(first: 100) { nodes { ${names.map((name) => `${name}: cumulative(asOf: ${THEN}) { value }`).join(' ')} } } }`,
      );
    const [one, two] = [of('a'), of('a', 'b')];
    expect(one).toBeGreaterThan(2_000);
    expect(two - one).toBeLessThan(1_000);
    expect(costOf(`{ brand(slug: "nio") { cumulative(asOf: ${THEN}) { value } } }`)).toBeLessThan(300);
  });

  test('a board of a period that is not kept as much as all are worked out, each time', () => {
    const of = (period: string, count = 1) =>
      costOf(
        `{ ${Array.from({ length: count }, (_, index) => `b${index}: leaderboard(period: "${period}") { total }`)} }`,
      );
    expect(of('2025-10')).toBeLessThan(100);
    expect(of('2000-01-01/2050-12-31')).toBeGreaterThan(2_000);
    expect(of('2000-01-01/2050-12-31', 240)).toBeGreaterThan(240 * 2_000);
  });

  test('introspection as well', () => {
    const types = '{ types { fields { args { type { name } } } } }';
    const many = Array.from({ length: 400 }, (_, index) => `s${index}: __schema ${types}`).join(' ');
    expect(costOf(`{ ${many} }`)).toBeGreaterThan(10_000);
    expect(costOf('{ __typename }')).toBeLessThan(1);
  });

  test('as wide as its document, and as deep', () => {
    expect(measure('{ subject(slug: "nio") { ...A ...A } } fragment A on Subject { slug name }')).toMatchObject({
      ...{ depth: 2, breadth: 5 },
    });
  });
});

describe('arguments', () => {
  test('have at most 100 items in a list, which is said with the path', () => {
    const periods = Array.from({ length: 101 }, () => '2025-10');
    const document = 'query ($f: FigureFilter) { all: figures(filter: $f) { totalCount } }';
    expect(() => measure(document, { f: { periods } })).toThrow('101 items were sent; at most 100');
    try {
      measure(document, { f: { periods } });
    } catch (error) {
      expect(error).toMatchObject({
        path: ['all'],
        extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'TOO_MANY', path: ['filter', 'periods'] }] },
      });
    }
  });

  test('have at most 10,000 characters in a text', () => {
    expect(() => costOf(`{ search(query: "${'x'.repeat(10_001)}") { slug } }`)).toThrow('10001 characters');
  });
});
