import { getDatamodel } from './generated/pothos.ts';

/** A column that can be read as JSON and compared with a value. */
export interface Column {
  readonly name: string;
  /** Prisma's name of its type; that of an enum is the name of the enum. */
  readonly type: string;
  readonly isEnum: boolean;
  readonly isList: boolean;
}

/** A field that leads to the rows of a table whose column `there` has the value of the column `here`. */
export interface Relation {
  readonly name: string;
  readonly table: string;
  readonly isList: boolean;
  readonly here: string;
  readonly there: string;
}

export interface Table {
  readonly name: string;
  /** The column by which a row is identified. */
  readonly key: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
}

/** Those whose values JSON has, or has a text for. */
const READ_FROM_JSON: ReadonlySet<string> = new Set([
  ...['Int', 'Float', 'String', 'Boolean', 'DateTime'],
  ...['BigInt', 'Bytes', 'Json'],
]);

const { models } = getDatamodel().datamodel;
type Field = NonNullable<(typeof models)[string]>['fields'][number];

/** The tables of which every column can be read as JSON, by their names. */
export const TABLES: ReadonlyMap<string, Table> = new Map(
  Object.entries(models).flatMap(([name, { fields }]): [string, Table][] => {
    const own = fields.filter(({ kind }) => kind !== 'object');
    if (!own.every(({ kind, type }) => kind === 'enum' || READ_FROM_JSON.has(type))) return [];
    const columns = own.map((field): [string, Column] => [
      field.name,
      { name: field.name, type: field.type, isEnum: field.kind === 'enum', isList: field.isList },
    ]);
    const relations = fields.filter(({ kind }) => kind === 'object').map(relationOf);
    const key = own.find(({ isId }) => isId)?.name ?? 'id';
    return [[name, { name, key, columns: new Map(columns), relations: new Map(relations) }]];
  }),
);

function relationOf(field: Field): [string, Relation] {
  const { name, type, isList } = field;
  const [here] = field.relationFromFields ?? [];
  if (here !== undefined) return [name, { name, table: type, isList, here, there: 'id' }];
  const opposite = models[type]?.fields.find(
    ({ relationName, relationFromFields }) => relationName === field.relationName && relationFromFields?.length === 1,
  );
  return [name, { name, table: type, isList, here: 'id', there: opposite?.relationFromFields?.[0] ?? 'id' }];
}
