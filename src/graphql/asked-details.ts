import { type GraphQLResolveInfo, type GraphQLSchema, isObjectType, type OperationDefinitionNode } from 'graphql';
import { ALL_DETAILS, type Detail } from '../domain/estimates/reading.ts';
import { eachFieldIn } from './asked-fields.ts';

/** The types whose fields show observations, or what follows from them. */
const TYPES = ['Observation', 'Growth', 'LeaderboardEntry'];

/** The fields of these types that need nothing besides the place, the period, the value and its bounds. */
const PLAIN = [
  ...['id', 'subject', 'metric', 'unit', 'period', 'periodStart', 'periodEnd', 'within', 'claims', 'history'],
  ...['value', 'lower', 'upper', 'percent', 'base', 'observation'],
  ...['rank', 'rankLower', 'rankUpper', 'previousRank', 'yearAgoRank', 'share'],
];

/** What the others need. A field that is not named here needs everything. */
const NEEDED: Readonly<Record<string, Iterable<Detail>>> = {
  ...Object.fromEntries(PLAIN.map((name) => [name, []])),
  qualifier: ['qualifier'],
  best: ['bestId'],
  comparable: ['bestId'],
  acrossBreak: ['bestId'],
  stated: ['bestId'],
  inputs: ['bestId', 'resolution'],
  explanation: ['bestId', 'resolution'],
  resolution: ['bestId', 'resolution'],
  missing: ['missing'],
  change: ['missing'],
  method: ['judgement'],
  agreement: ['judgement'],
  decidedBy: ['judgement'],
  origins: ['judgement'],
  revised: ['judgement'],
};

/** Of several metrics the first is taken in which something is stated, which the judgement says. */
const CHOOSING = 'metrics';

const known = new WeakMap<OperationDefinitionNode, ReadonlySet<Detail>>();
const names = new WeakMap<GraphQLSchema, ReadonlySet<string>>();

/**
 * What an operation asks of observations besides their values, in any of its fields: what was read for one can be shown by another. It
 * follows from the document alone, so it is found out once.
 */
export function askedDetails({ operation, fragments, schema }: GraphQLResolveInfo): ReadonlySet<Detail> {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const details = new Set<Detail>();
  const fields = fieldsIn(schema);
  eachFieldIn(operation.selectionSet, fragments, ({ name: { value: name }, arguments: given = [] }) => {
    for (const detail of fields.has(name) ? (NEEDED[name] ?? ALL_DETAILS) : []) details.add(detail);
    if (given.some((argument) => argument.name.value === CHOOSING)) details.add('judgement');
  });
  known.set(operation, details);
  return details;
}

function fieldsIn(schema: GraphQLSchema): ReadonlySet<string> {
  const before = names.get(schema);
  if (before !== undefined) return before;
  const types = TYPES.map((name) => schema.getType(name)).filter(isObjectType);
  const fields = new Set(types.flatMap((type) => Object.keys(type.getFields())));
  names.set(schema, fields);
  return fields;
}
