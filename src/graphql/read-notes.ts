import type { ChangeEntry } from '../changes/log.ts';
import type { ChangeKind, Prisma, PrismaClient } from '../database/generated/client.ts';
import { getDatamodel } from '../database/generated/pothos.ts';
import { passShortcut } from '../database/read-json.ts';
import { affectedByEntry, restatedInEntry, UnreadableEntry } from '../domain/estimates/observation-entry.ts';
import { dayOf } from '../domain/values/calendar.ts';
import { METRICS, type Metric } from '../domain/values/metric.ts';
import type { Context } from './context.ts';
import { ANY, both, idsOf, isObject, listOf, type Scope, scopesOf } from './read-scope.ts';

/** What a change in the log can affect. */
type Topic = 'figure' | 'milestone' | 'target' | 'contradiction' | 'source';
type Traces = ReadonlySet<string> | 'everything';

/**
 * The changes on which the rows of a table depend. Changes of subjects and memberships are rare and affect every result, so reading these needs no note: 'anyone'.
 * A table that the log does not report on, or whose rows every change alters: 'everything'. A table that is missing here does not compile.
 */
export const TOPICS: Readonly<Record<Prisma.ModelName, Topic | 'anyone' | 'everything'>> = {
  Subject: 'anyone',
  Membership: 'anyone',
  Publisher: 'source',
  Source: 'source',
  Figure: 'figure',
  FigureRank: 'figure',
  Observation: 'figure',
  Milestone: 'milestone',
  MilestoneClaim: 'milestone',
  Target: 'target',
  TargetClaim: 'target',
  Contradiction: 'contradiction',
  Change: 'everything',
  ChangeLog: 'everything',
  SeedLoad: 'everything',
  ApiKey: 'everything',
  Budget: 'everything',
};

/**
 * What a change of each kind can affect. A change of a figure also reports the observation that follows from it. A kind that is missing
 * here does not compile.
 */
const TOUCHED: Readonly<Record<ChangeKind, (entry: ChangeEntry) => Traces>> = {
  FIGURE: (entry) => {
    const { subjectId, metric } = entry;
    // Null if the figure is gone.
    return metric === null ? 'everything' : new Set([...figureTraces(subjectId, metric), ...settledTraces(entry)]);
  },
  MILESTONE: (entry) => new Set(['milestone', `milestone/${entry.subjectId}`, ...settledTraces(entry)]),
  CONTRADICTION: ({ subjectId }) => new Set(contradictionTraces([subjectId])),
  TARGET: ({ subjectId }) => new Set(['target', `target/${subjectId}`]),
  SOURCE: () => new Set(['source']),
  SUBJECT: () => 'everything',
  MEMBERSHIP: () => 'everything',
};

function figureTraces(subjectId: number | string | null, metric: string): readonly string[] {
  return ['figure', `figure//${metric}`, `figure/${subjectId}`, `figure/${subjectId}/${metric}`];
}

function contradictionTraces(subjectIds: readonly (number | null)[]): readonly string[] {
  return subjectIds.length === 0 ? [] : ['contradiction', ...subjectIds.map((id) => `contradiction/${id}`)];
}

/**
 * A figure or an announcement changes what is known of other periods and of relatives as well, and what contradictions say that have no
 * entry of their own because they were there before and still are.
 */
function settledTraces(entry: ChangeEntry): readonly string[] {
  const places = affectedByEntry(entry).map((slot) => slot.split('|', 2));
  const figures = places.flatMap(([subjectId = '', metric = '']) => figureTraces(subjectId, metric));
  return [...new Set([...figures, ...contradictionTraces(restatedInEntry(entry))])];
}

/**
 * Our own SQL statements whose rows follow from subjects and memberships alone, by the name at their start. What other statements read is
 * not known. How many figures there are says only how many subjects are read at a time.
 */
const STATEMENTS_ON_ANYONE: ReadonlySet<string> = new Set([
  ...['expandSubjects', 'readFamilies', 'readScope', 'readNamesVersion'],
  'nextSubjectsToWorkOut',
]);
/** Those that read the figures of some metrics, which are in one of their values. */
const STATEMENTS_ON_METRICS: ReadonlySet<string> = new Set([
  ...['rankPeriod', 'rankApart', 'rankByIndex', 'readPopulation', 'findLatestPeriod'],
]);
/**
 * Those that read the figures of some subjects in some metrics, and if one of their values is true also the milestones: their first list of
 * numbers are the subjects, their first list of texts the metrics.
 */
const STATEMENTS_ON_RECORDED: ReadonlySet<string> = new Set([
  ...['readRecorded', 'readLatest', 'readLatestTotals'],
  ...['readObservations', 'readKeptSeries'],
]);
/** Those that read the figures of some subjects, which are their first list of numbers, in every metric. */
const STATEMENTS_ON_SUBJECTS: ReadonlySet<string> = new Set(['readKnownMetrics', 'readHeadlineMetrics']);
/**
 * Those that read the figures of some subjects in some metrics, or of all: their first list of numbers, if any, are the subjects, and of
 * metrics there is a list or none.
 */
const STATEMENTS_ON_CLAIMS: ReadonlySet<string> = new Set(['readConflicts', 'countConflicts']);
/**
 * Those that read contradictions of some subjects, which are their first list of numbers, and the subjects of their figures, which never
 * change.
 */
const STATEMENTS_ON_CONTRADICTIONS: ReadonlySet<string> = new Set(['readContradictionsWith']);
/** Operations that only read. */
const READING = /^(find|count|aggregate|groupBy)/;
/** Relations to rows about the same subject and metric. The metric of targets is not noted, so it may differ. */
const SAME_SCOPE: ReadonlySet<string> = new Set([
  'Figure.revises',
  'Figure.revisedBy',
  'Figure.ranks',
  'Observation.best',
  'Milestone.claims',
  'Target.revises',
  'Target.revisedBy',
  'Target.claims',
  'Target.mergedInto',
]);
/** Relations that never change after the row was written, also where they lead to none. */
const FIXED: ReadonlySet<string> = new Set(['Source.origin']);
/** For a reading of more subjects than this it is noted only that it depends on any subject. */
const MOST_SUBJECTS = 300;

type Row = Readonly<Record<string, unknown>>;

/** Rows that were read, and how they were selected. */
interface Reading {
  readonly model: Prisma.ModelName;
  /** The arguments of Prisma: where, include, select, orderBy. */
  readonly args: Row;
  readonly rows: readonly Row[];
  /** The scopes to which the rows belong. */
  readonly within: readonly Scope[];
  /** Whether no later row can belong to the result. */
  readonly isWhole: boolean;
}

interface Relation {
  readonly model: Prisma.ModelName;
  readonly isList: boolean;
  /** Whether it leads from a subject to rows about this subject. */
  readonly isAbout: boolean;
}

const RELATIONS = readRelations();

/** What live queries read, and which of it a change affects. Results can also depend on the day in Asia/Shanghai. */
export const readNotes = { begin, touchedBy, today: () => dayOf(new Date()) };

/** A context that notes everything that is read from the database and from the log. */
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
  passShortcut(db, noting, notes);
  const noted = {
    ...context,
    db: noting as unknown as PrismaClient,
    unnotedHead: () => changes.head(),
    get changes() {
      notes.addEverything();
      return changes;
    },
  };
  return { context: noted, traces: () => notes.traces };
}

/** What an entry touches is asked for by every kept answer and live query, so it is found out once for each entry in memory. */
const touched = new WeakMap<ChangeEntry, Traces>();

function touchedBy(entry: ChangeEntry): Traces {
  const known = touched.get(entry);
  if (known !== undefined) return known;
  const traces = readTouched(entry);
  touched.set(entry, traces);
  return traces;
}

/**
 * What a change in the log affects. An instance of a later version may have written it, with a kind that this one does not know, or with
 * content that it cannot read.
 */
function readTouched(entry: ChangeEntry): Traces {
  const read: ((entry: ChangeEntry) => Traces) | undefined = TOUCHED[entry.kind];
  try {
    return read?.(entry) ?? 'everything';
  } catch (error) {
    if (error instanceof UnreadableEntry) return 'everything';
    throw error;
  }
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
    if (name !== undefined && STATEMENTS_ON_METRICS.has(name))
      for (const metric of metricsOf(statement)) this.#traces.add(`figure//${metric}`);
    else if (name !== undefined && STATEMENTS_ON_RECORDED.has(name)) this.#addRecorded(valuesOf(statement));
    else if (name !== undefined && STATEMENTS_ON_SUBJECTS.has(name))
      this.#addScope('figure', { subjects: listIn(valuesOf(statement), 'number'), metrics: null });
    else if (name !== undefined && STATEMENTS_ON_CLAIMS.has(name)) this.#addClaims(statement);
    else if (name !== undefined && STATEMENTS_ON_CONTRADICTIONS.has(name))
      this.#addScope('contradiction', { subjects: listIn(valuesOf(statement), 'number'), metrics: null });
    else if (name === undefined || !STATEMENTS_ON_ANYONE.has(name)) this.addEverything();
  }

  addOperation(model: Prisma.ModelName, operation: string, args: Row | undefined, result: unknown): void {
    if (!READING.test(operation)) this.addEverything();
    const rows = operation.startsWith('find') ? rowsOf(result) : [];
    const ids = idsOf(args?.where);
    // The subject and the metric of a row never change.
    const isWhole = ids !== null && rows.length === ids.size;
    this.#add({ model, args: args ?? {}, rows, within: [ANY], isWhole });
  }

  #addClaims(statement: unknown): void {
    // Only in lists: a text by itself can be part of a client's cursor.
    const lists = valuesOf(statement).filter((value) => Array.isArray(value));
    const metrics = new Set<string>(METRICS.filter((metric) => lists.some((list) => list.includes(metric))));
    const subjects = listIn(valuesOf(statement), 'number');
    this.#addScope('figure', { subjects, metrics: metrics.size === 0 ? null : metrics });
  }

  #addRecorded(values: readonly unknown[]): void {
    const scope = { subjects: listIn(values, 'number'), metrics: listIn(values, 'string') };
    this.#addScope('figure', scope);
    if (values.includes(true)) this.#addScope('milestone', scope);
  }

  #add(reading: Reading): void {
    const { model, args, rows, within } = reading;
    const asked = both(scopesOf(args.where), within);
    this.#addConditions(model, args.where, asked);
    for (const order of listOf(args.orderBy)) this.#addConditions(model, order, asked);
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

  /** Notes the rows themselves. Returns the scopes to which they can belong. */
  #addRows({ model, args, rows, within, isWhole }: Reading): readonly Scope[] {
    const topic = TOPICS[model];
    if (topic === 'everything') this.addEverything();
    if (topic === 'anyone' || topic === 'everything') return [ANY];
    if (topic === 'source') {
      // A registered document never changes.
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
      // Changes of milestones and targets are few, so their metric is not noted.
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
    const isFixed = FIXED.has(`${from.model}.${field}`);
    const isWhole = !isList && (isFixed || rows.length === from.rows.length);
    this.#add({ model, args: isObject(chosen) ? chosen : {}, rows, within, isWhole });
  }

  #addCounts(from: Reading, scopes: readonly Scope[], chosen: unknown): void {
    if (!isObject(chosen) || !isObject(chosen.select)) this.addEverything();
    else
      for (const [field, counted] of Object.entries(chosen.select)) this.#addRelated(from, scopes, field, counted, []);
  }

  /** Notes the other tables that conditions, or an order, look into. */
  #addConditions(model: Prisma.ModelName, conditions: unknown, scopes: readonly Scope[]): void {
    if (!isObject(conditions)) return;
    for (const [field, condition] of Object.entries(conditions)) {
      const relation = RELATIONS.get(`${model}.${field}`);
      if (field === 'AND' || field === 'OR' || field === 'NOT') {
        for (const each of listOf(condition)) this.#addConditions(model, each, scopes);
      } else if (relation !== undefined) {
        const within = SAME_SCOPE.has(`${model}.${field}`) ? scopes : [ANY];
        this.#addRows({ model: relation.model, args: {}, rows: [], within, isWhole: false });
        for (const each of isObject(condition) ? [condition, ...Object.values(condition)] : [])
          this.#addConditions(relation.model, each, within);
      }
    }
  }
}

function metricsOf(statement: unknown): readonly Metric[] {
  const named = new Set(valuesOf(statement).flat());
  return METRICS.filter((metric) => named.has(metric));
}

function valuesOf(statement: unknown): readonly unknown[] {
  return isObject(statement) && Array.isArray(statement.values) ? statement.values : [];
}

/** The first of the values that is a list of numbers or of texts. Null: there is none. */
function listIn<Type extends 'number' | 'string'>(values: readonly unknown[], type: Type) {
  const list = values.find((value) => Array.isArray(value) && value.every((one) => typeof one === type));
  return list === undefined ? null : new Set(list as (Type extends 'number' ? number : string)[]);
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

/** The fields that lead from one table to another, by the name of the table and of the field. */
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
