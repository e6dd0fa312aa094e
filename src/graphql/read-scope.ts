/** The subjects and metrics to which rows can belong. Null: any. */
export interface Scope {
  readonly subjects: ReadonlySet<number> | null;
  readonly metrics: ReadonlySet<string> | null;
}

export const ANY: Scope = { subjects: null, metrics: null };
/** With more alternatives than this, some conditions are ignored. */
const MOST_SCOPES = 50;

/**
 * The scopes that the conditions of a query allow, one for each alternative. A condition that is not understood does not restrict them,
 * so the scopes can be too wide, but never too narrow.
 */
export function scopesOf(where: unknown): readonly Scope[] {
  if (!isObject(where)) return [ANY];
  const own: Scope = { subjects: valuesOf(where.subjectId, isNumber), metrics: valuesOf(where.metric, isText) };
  const all = listOf(where.AND).map(scopesOf);
  const any = Array.isArray(where.OR) ? [where.OR.flatMap(scopesOf)] : [];
  return [...all, ...any].reduce(both, [own]);
}

/** The scopes that both lists allow. */
export function both(some: readonly Scope[], others: readonly Scope[]): readonly Scope[] {
  if (some.length * others.length > MOST_SCOPES) return some.length < others.length ? some : others;
  return some.flatMap((one) =>
    others.map((other) => ({
      subjects: common(one.subjects, other.subjects),
      metrics: common(one.metrics, other.metrics),
    })),
  );
}

/** The ids that a query names, without those that no row can have. Null if it names none. */
export function idsOf(where: unknown): ReadonlySet<number> | null {
  const ids = isObject(where) ? valuesOf(where.id, isNumber) : null;
  return ids === null ? null : new Set([...ids].filter((id) => id > 0));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** A list of one or many, because Prisma takes both. */
export function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** The values with which a column is compared for equality. Null if it is compared in another way, or not at all. */
function valuesOf<T>(condition: unknown, is: (value: unknown) => value is T): ReadonlySet<T> | null {
  if (is(condition)) return new Set([condition]);
  if (!isObject(condition)) return null;
  const { equals, in: list } = condition;
  if (is(equals)) return new Set([equals]);
  return Array.isArray(list) && list.every(is) ? new Set(list) : null;
}

function common<T>(one: ReadonlySet<T> | null, other: ReadonlySet<T> | null): ReadonlySet<T> | null {
  if (one === null || other === null) return one ?? other;
  return new Set([...one].filter((value) => other.has(value)));
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
