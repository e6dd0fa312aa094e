import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { afterAll, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { openApi } from '../support/api.ts';
import { statementsOf } from '../support/statements.ts';
import { unique } from '../support/writes.ts';

const api = await openApi({ seeded: true, key: null });
afterAll(() => api[Symbol.asyncDispose]());

type Composite = GraphQLObjectType | GraphQLInterfaceType;
type Field = GraphQLField<unknown, unknown>;

const ROOTS = [
  ...['brands', 'companies', 'alliances', 'models', 'plants', 'markets'],
  ...['sources', 'figures', 'milestones', 'targets', 'contradictions'],
];

/** How fields get rows that they did not read themselves, and how several ask for the same in different words. */
const IN_OTHER_WAYS = [
  '{ brand(slug: "nio") { series(from: "2025-01", to: "2025-03") { subject { name nameZh aliases } observations { value } } } }',
  '{ brand(slug: "nio") { curve { subject { name nameZh } alignedTo points { value on } } } }',
  '{ series(subjects: ["nio", "xpeng"], from: "2025-01", to: "2025-02") { a: subject { name } b: subject { nameZh ... on Brand { foundedOn } } } }',
  '{ a: brand(slug: "nio") { name } b: brand(slug: "nio") { nameZh } c: brand(slug: "xpeng") { name } d: subject(slug: "nio-inc") { aliases } }',
  '{ brand(slug: "nio") { a: figures(first: 1) { nodes { value note } } b: figures(first: 2, orderBy: VALUE_DESC) { nodes { period reason } edges { cursor } } } }',
  '{ figures(first: 3) { nodes { x: source { title } y: source { url publisher { name } figures(first: 1) { nodes { value } } } z: source { figures(first: 2) { nodes { period } } } } } }',
  '{ search(query: "nio") { slug name nameZh aliases ... on Brand { company { name nameZh } foundedOn } ... on Model { powertrains } } }',
  '{ leaderboard(period: "2025-12") { entries { subject { name nameZh } observation { best { value note source { title publisher { tier } } } } } missing { name } } }',
  '{ contradictions(first: 3) { nodes { figures { period note source { url } } setAside { attributedTo } } } }',
  '{ observation(subject: "nio", period: "2025-12") { best { rank note } inputs { value reason } subject { nameZh } } }',
  '{ milestones(first: 3) { nodes { elapsed { months } claims { rank note } agreement subject { nameZh } } } }',
  '{ milestones(first: 3) { nodes { agreement } } }',
  'query ($no: Boolean = false) { figures(first: 2) { nodes { value note @include(if: $no) ...More } } } fragment More on Figure { upper lower ... { qualifier } }',
];

test.each([...ROOTS.flatMap(documentsOf), ...IN_OTHER_WAYS])('%s is answered as from whole rows', async (document) => {
  const asked = () => api.ask(`# ${unique('asked')}\n${document}`);
  const answer = await asked();
  expect(answer).toEqual(await withWholeRows(asked));
});

test('only the columns that are asked for are read', async () => {
  const document = '{ figures(first: 2) { nodes { value subject { name } source { title } } } }';
  const [statement = ''] = await statementsOf(() => api.ask(`# ${unique('asked')}\n${document}`));
  expect(statement).toContain('"value"');
  for (const column of ['upper', 'note', 'nameZh', 'url']) expect(statement).not.toContain(`"${column}"`);
});

test.each([
  '{ series(subjects: ["nio", "xpeng"], from: "2025-01", to: "2025-02") { subject { name milestones(last: 1) { nodes { title } } } } }',
  '{ leaderboard(period: "2025-12") { entries { subject { name } } } }',
  '{ leaderboard(period: "2025-12") { missing { name } } }',
  '{ search(query: "nio") { name } }',
])('the subjects in %s are read past the client, with what is asked of them', async (document) => {
  // The names of all subjects are read once, by the first search.
  await api.ask('{ search(query: "nio") { slug } }');
  const statements = await statementsOf(() => api.ask(`# ${unique('asked')}\n${document}`));
  const ofSubjects = statements.filter((statement) => /from "(public"\.")?Subject"/i.test(statement));
  const withNames = ofSubjects.filter((statement) => statement.includes('"name"'));
  expect(withNames.map((statement) => statement.slice(0, 14))).toContain('/* readRows */');
  for (const statement of withNames) {
    expect(statement).not.toContain('"public"');
    expect(statement).not.toContain('"nameZh"');
  }
});

/** Runs with the types as the Prisma plugin makes them, which read every column. */
async function withWholeRows<Result>(work: () => Promise<Result>): Promise<Result> {
  const all = Object.values(schema.getTypeMap()).map(({ extensions }) => extensions as Record<string, unknown>);
  const types = all.filter(({ pothosPrismaModel }) => pothosPrismaModel !== undefined);
  const kept = types.map(({ pothosPrismaTypeSelection }) => pothosPrismaTypeSelection);
  for (const extensions of types) extensions.pothosPrismaTypeSelection = {};
  try {
    return await work();
  } finally {
    for (const [index, extensions] of types.entries()) extensions.pothosPrismaTypeSelection = kept[index];
  }
}

/** One document for the leaves of a list, and one for each relation of its items. */
function documentsOf(root: string): string[] {
  const item = itemOf(schema.getQueryType()?.getFields()[root] as Field) as Composite;
  const wrapped = (inner: string) => `{ ${root}(first: 3) { nodes { ${inner} } } }`;
  const related = Object.values(item.getFields()).filter(isRelation);
  return [wrapped(leavesOf(item)), ...related.map((field) => wrapped(`${leavesOf(item)} ${selectionOf(field, 1)}`))];
}

function selectionOf(field: Field, depth: number): string {
  const item = itemOf(field) as Composite;
  const deeper = depth === 0 ? [] : Object.values(item.getFields()).filter(isRelation);
  const inner = `__typename ${[leavesOf(item), ...deeper.map((one) => selectionOf(one, depth - 1))].join(' ')}`;
  return isPaged(field) ? `${field.name}(first: 2) { nodes { ${inner} } }` : `${field.name} { ${inner} }`;
}

/** The fields without fields of their own; of an interface also those of each of its types. */
function leavesOf(type: Composite): string {
  const own = namesOfLeaves(type);
  if (!isInterfaceType(type)) return own.join(' ');
  const kinds = schema.getPossibleTypes(type).map((kind) => `... on ${kind.name} { ${namesOfLeaves(kind).join(' ')} }`);
  return [...own, ...kinds].join(' ');
}

function namesOfLeaves(type: Composite): string[] {
  const simple = Object.values(type.getFields()).filter(
    ({ type: of, args }) => isLeafType(getNamedType(of)) && !args.some(isRequiredArgument),
  );
  return simple.map(({ name }) => name);
}

function isRelation(field: Field): boolean {
  return !field.args.some(isRequiredArgument) && itemOf(field)?.extensions.pothosPrismaModel !== undefined;
}

function isPaged({ args }: Field): boolean {
  return args.some(({ name }) => name === 'first');
}

/** The type of the rows that a field shows. Undefined: it shows none. */
function itemOf(field: Field): GraphQLNamedType | undefined {
  const type = getNamedType(field.type);
  const shown = isPaged(field) && isObjectType(type) ? getNamedType(type.getFields().nodes?.type) : type;
  return isObjectType(shown) || isInterfaceType(shown) ? shown : undefined;
}
