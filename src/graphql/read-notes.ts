import type { ChangeEntry } from '../changes/log.ts';
import type { Prisma, PrismaClient } from '../database/generated/client.ts';
import { getDatamodel } from '../database/generated/pothos.ts';
import { dayOf } from '../domain/calendar.ts';
import type { Context } from './context.ts';
import { ANY, both, idsOf, isObject, listOf, type Scope, scopesOf } from './read-scope.ts';

/** What entries of the log can touch. */
type Topic = 'figure' | 'milestone' | 'target' | 'source';
type Traces = ReadonlySet<string> | 'everything';

/**
 * What reading a table hangs on. Entries about subjects and memberships are rare and touch every answer, so that reading these needs no note: 'anyone'.
 * What no entry tells of, or each: 'everything'. A table that is not here does not compile.
 */
const TOPICS: Readonly<Record<Prisma.ModelName, Topic | 'anyone' | 'everything'>> = {
  Subject: 'anyone',
  Membership: 'anyone',
  Publisher: 'source',
  Source: 'source',
  Figure: 'figure',
  Observation: 'figure',
  Milestone: 'milestone',
  MilestoneClaim: 'milestone',
  Target: 'target',
  Change: 'everything',
  ChangeLog: 'everything',
  SeedLoad: 'everything',
  ApiKey: 'everything',
};

/** Statements of our own, by the names they begin with, that read subjects and memberships alone; what others read is not known. */
const STATEMENTS_ON_ANYONE: ReadonlySet<string> = new Set(['expandSubjects']);
/** Operations that read and do nothing else. */
const READING = /^(find|count|aggregate|groupBy)/;
/** Relations that lead to rows about the same subject and metric. */
const SAME_SCOPE: ReadonlySet<string> = new Set([
  'Figure.revises',
  'Figure.revisedBy',
  'Observation.best',
  'Milestone.claims',
  'Target.revises',
  'Target.revisedBy',
]);
/** Of more subjects at once it is noted only that it is any. */
const MOST_SUBJECTS = 300;

type Row = Readonly<Record<string, unknown>>;

/** Rows that were read, and how they were chosen. */
interface Reading {
  readonly model: Prisma.ModelName;
  /** As Prisma is given them: where, include, select, orderBy. */
  readonly args: Row;
  readonly rows: readonly Row[];
  /** What they belong to. */
  readonly within: readonly Scope[];
  /** Whether all that can ever be are there. */
  readonly isWhole: boolean;
}

interface Relation {
  readonly model: Prisma.ModelName;
  readonly isList: boolean;
  /** Whether it leads from a subject to what is about it. */
  readonly isAbout: boolean;
}

const RELATIONS = readRelations();

/** What live queries read, and what changes touch of it; answers may also hang on the day, in Asia/Shanghai. */
export const readNotes = { begin, touchedBy, today: () => dayOf(new Date()) };

/** A context in which everything that is read of the database and of the log is noted. */
function begin(context: object): { readonly context: object; readonly traces: () => Traces } {
  const { db, changes } = context as Context;
  const notes = new Notes();
  const noting = db.$extends({
    query: {
      $allOperations: async ({ model, operation, args, query }) => {
        const result: unknown = await query(args);
        if (model === undefined) notes.addStatement(args);
        else notes.addOperation(model as Prisma.ModelName, operation, args as Row, result);
        return result;
      },
    },
  });
  const noted = {
    ...context,
    db: noting as unknown as PrismaClient,
    get changes() {
      notes.addEverything();
      return changes;
    },
  };
  return { context: noted, traces: () => notes.traces };
}

/** What an entry of the log touches. A figure and what is kept of it are told of by one entry. */
function touchedBy({ kind, subjectId, metric }: ChangeEntry): Traces {
  if (kind === 'FIGURE' && metric !== null) {
    return new Set(['figure', `figure//${metric}`, `figure/${subjectId}`, `figure/${subjectId}/${metric}`]);
  }
  if (kind === 'MILESTONE') return new Set(['milestone', `milestone/${subjectId}`]);
  if (kind === 'SOURCE') return new Set(['source']);
  if (kind === 'TARGET') return new Set(['target', `target/${subjectId}`]);
  return 'everything';
}

class Notes {
  readonly #traces = new Set<string>();
  #isEverything = false;

  get traces(): Traces {
    return this.#isEverything ? 'everything' : this.#traces;
  }

  addEverything(): void {
    this.#isEverything = true;
  }

  addStatement(statement: unknown): void {
    const text = isObject(statement) && Array.isArray(statement.strings) ? String(statement.strings[0]) : '';
    const [, name] = /^\s*\/\* (\w+) \*\//.exec(text) ?? [];
    if (name === undefined || !STATEMENTS_ON_ANYONE.has(name)) this.addEverything();
  }

  addOperation(model: Prisma.ModelName, operation: string, args: Row | undefined, result: unknown): void {
    if (!READING.test(operation)) this.addEverything();
    const rows = operation.startsWith('find') ? rowsOf(result) : [];
    const ids = idsOf(args?.where);
    // What the row of an id is about stays the same for ever.
    const isWhole = ids !== null && rows.length === ids.size;
    this.#add({ model, args: args ?? {}, rows, within: [ANY], isWhole });
  }

  #add(reading: Reading): void {
    const { model, args, rows } = reading;
    this.#addConditions(model, args.where);
    for (const order of listOf(args.orderBy)) this.#addConditions(model, order);
    const scopes = this.#addRows(reading);
    const selected = isObject(args.include) ? args.include : isObject(args.select) ? args.select : {};
    for (const [field, chosen] of Object.entries(selected)) {
      if (field === '_count') this.#addCounts(reading, scopes, chosen);
      else if (chosen !== false && chosen !== undefined) {
        const nested = rows.flatMap((row) => rowsOf(row[field]));
        this.#addRelated(reading, scopes, field, chosen, nested);
      }
    }
  }

  /** Notes the rows themselves; what they can be about. */
  #addRows({ model, args, rows, within, isWhole }: Reading): readonly Scope[] {
    const topic = TOPICS[model];
    if (topic === 'everything') this.addEverything();
    if (topic === 'anyone' || topic === 'everything') return [ANY];
    if (topic === 'source') {
      // What was said of a document once is never changed.
      if (!isWhole) this.#traces.add(topic);
      return [ANY];
    }
    const scopes = both(scopesOf(args.where), within);
    const known = isWhole && scopes.every(({ subjects }) => subjects === null) ? rows.map(scopeOfRow) : scopes;
    for (const scope of known) this.#addScope(topic, scope);
    return known;
  }

  #addScope(topic: Topic, { subjects, metrics }: Scope): void {
    const named = subjects === null || subjects.size > MOST_SUBJECTS ? [null] : [...subjects];
    for (const subject of named) {
      const about = subject === null ? topic : `${topic}/${subject}`;
      // Entries about milestones and targets are few: which metric they are of makes no difference.
      if (topic !== 'figure' || metrics === null) this.#traces.add(about);
      else
        for (const metric of metrics) this.#traces.add(subject === null ? `${about}//${metric}` : `${about}/${metric}`);
    }
  }

  #addRelated(from: Reading, scopes: readonly Scope[], field: string, chosen: unknown, rows: readonly Row[]): void {
    const relation = RELATIONS.get(`${from.model}.${field}`);
    if (relation === undefined) return;
    const { model, isList, isAbout } = relation;
    const within = SAME_SCOPE.has(`${from.model}.${field}`) ? scopes : isAbout ? [scopeOfSubjects(from.rows)] : [ANY];
    const isWhole = !isList && rows.length === from.rows.length;
    this.#add({ model, args: isObject(chosen) ? chosen : {}, rows, within, isWhole });
  }

  #addCounts(from: Reading, scopes: readonly Scope[], chosen: unknown): void {
    if (!isObject(chosen) || !isObject(chosen.select)) this.addEverything();
    else
      for (const [field, counted] of Object.entries(chosen.select)) this.#addRelated(from, scopes, field, counted, []);
  }

  /** Notes the tables that conditions, or an order, look into besides their own. */
  #addConditions(model: Prisma.ModelName, conditions: unknown): void {
    if (!isObject(conditions)) return;
    for (const [field, condition] of Object.entries(conditions)) {
      const relation = RELATIONS.get(`${model}.${field}`);
      if (field === 'AND' || field === 'OR' || field === 'NOT') {
        for (const each of listOf(condition)) this.#addConditions(model, each);
      } else if (relation !== undefined) {
        this.#addRows({ model: relation.model, args: {}, rows: [], within: [ANY], isWhole: false });
        for (const each of isObject(condition) ? [condition, ...Object.values(condition)] : [])
          this.#addConditions(relation.model, each);
      }
    }
  }
}

function scopeOfRow({ subjectId, metric }: Row): Scope {
  return {
    subjects: typeof subjectId === 'number' ? new Set([subjectId]) : null,
    metrics: typeof metric === 'string' ? new Set([metric]) : null,
  };
}

function scopeOfSubjects(subjects: readonly Row[]): Scope {
  const ids = subjects.map(({ id }) => id);
  return { subjects: ids.every((id) => typeof id === 'number') ? new Set(ids) : null, metrics: null };
}

function rowsOf(result: unknown): readonly Row[] {
  return listOf(result ?? undefined).filter(isObject);
}

/** The fields that lead from one table to another, each by its table's name and its own. */
function readRelations(): ReadonlyMap<string, Relation> {
  const { models } = getDatamodel().datamodel;
  const fieldsOf = (name: string) => models[name]?.fields.filter(({ kind }) => kind === 'object') ?? [];
  const isAbout = (from: string, to: string, relation: string | undefined): boolean =>
    from === 'Subject' &&
    fieldsOf(to).some(
      ({ relationName, relationFromFields }) => relationName === relation && relationFromFields?.join() === 'subjectId',
    );
  return new Map(
    Object.keys(models).flatMap((name) =>
      fieldsOf(name).map(({ name: field, type, isList, relationName }): [string, Relation] => [
        `${name}.${field}`,
        { model: type as Prisma.ModelName, isList, isAbout: isAbout(name, type, relationName) },
      ]),
    ),
  );
}
