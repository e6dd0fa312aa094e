import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

/** Types whose objects are parts of the object that they are in, by the ending of their names, with the reason. */
const EMBEDDED_ENDINGS: Readonly<Record<string, string>> = {
  Connection: 'a page, which depends on the arguments of its field',
  Edge: 'a place in a page',
  Payload: 'the outcome of one write',
  Change: 'an event, which is sent once and named by its cursor',
};
/** Further types of that sort, each with the reason. */
const EMBEDDED: Readonly<Record<string, string>> = {
  AllianceTotal: 'computed for the arguments of its field',
  Crossing: 'projected for the arguments of its field',
  Curve: 'computed for the arguments of its field',
  CurvePoint: 'a part of its curve',
  Elapsed: 'a part of its milestone',
  Growth: 'a part of its observation, for the arguments of its field',
  KnownMetric: 'a part of its subject',
  Leaderboard: 'computed for the arguments of its field',
  LeaderboardEntry: 'a row of its leaderboard',
  MilestoneClaim: 'a part of its milestone',
  Overlap: 'a part of its leaderboard',
  PageInfo: 'a part of its page',
  Projection: 'a part of the progress of a target',
  Series: 'a list of observations for the arguments of its field',
  StatedElapsed: 'a part of its claim',
  TargetClaim: 'a part of its target',
  TargetProgress: 'computed for the arguments of its field',
  UserError: 'a part of the outcome of one write',
};
/** What scalars are in JSON, for TypeScript. */
const SCALARS: Readonly<Record<string, string>> = {
  Cursor: 'string',
  Date: 'string',
  DateTime: 'string',
  PartialDate: 'string',
  Period: 'string',
};

/** The files in schema/clients by their names: what the tools of clients cannot see in the schema itself. */
export function clientFiles(schema: GraphQLSchema): Readonly<Record<string, unknown>> {
  return {
    'graphcache-keys.json': withoutId(schema).map(({ name }) => name),
    'possible-types.json': possibleTypes(schema),
    'codegen-scalars.json': Object.fromEntries(ownScalars(schema).map(({ name }) => [name, SCALARS[name]])),
  };
}

/** The types that nothing here accounts for: objects that neither have an id nor are embedded by design, and scalars; and the names here of no such type. */
export function unaccounted(schema: GraphQLSchema): readonly string[] {
  const embedded = new Set(withoutId(schema).map(({ name }) => name));
  const scalars = new Set(ownScalars(schema).map(({ name }) => name));
  const hasReason = (name: string): boolean =>
    name in EMBEDDED || Object.keys(EMBEDDED_ENDINGS).some((ending) => name.endsWith(ending));
  return [
    ...[...embedded].filter((name) => !hasReason(name)),
    ...[...scalars].filter((name) => !(name in SCALARS)),
    ...Object.keys(EMBEDDED).filter((name) => !embedded.has(name)),
    ...Object.keys(SCALARS).filter((name) => !scalars.has(name)),
  ];
}

/** Without the roots, which caches know. */
function withoutId(schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const roots: readonly unknown[] = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return ownTypes(schema)
    .filter(isObjectType)
    .filter((type) => !roots.includes(type) && type.getFields().id === undefined);
}

function possibleTypes(schema: GraphQLSchema): Readonly<Record<string, readonly string[]>> {
  const abstract = ownTypes(schema).filter((type) => isInterfaceType(type) || isUnionType(type));
  return Object.fromEntries(
    abstract.map((type) => [
      type.name,
      schema
        .getPossibleTypes(type as GraphQLInterfaceType)
        .map(({ name }) => name)
        .sort(),
    ]),
  );
}

function ownScalars(schema: GraphQLSchema): readonly GraphQLNamedType[] {
  return ownTypes(schema)
    .filter(isScalarType)
    .filter((type) => !isSpecifiedScalarType(type));
}

/** In the order of their names, without those of introspection. */
function ownTypes(schema: GraphQLSchema): readonly GraphQLNamedType[] {
  return Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith('__'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
