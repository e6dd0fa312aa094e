import DataLoader from 'dataloader';
import type { Contradiction, Metric } from '../database/generated/client.ts';
import { type ContradictionThen, readContradictionsThen } from '../domain/estimates/contradictions-then.ts';
import { present } from '../required.ts';
import type { Context } from './context.ts';
import { asRow } from './known-then.ts';
import { formatContradictionKey, parseContradictionKey } from './then-id.ts';

/** Which metrics, and of which instant. */
interface Scope {
  readonly metrics: readonly Metric[];
  readonly asOf: Date;
}

type OfSubject = DataLoader<number, readonly ContradictionThen[]>;

/** What one operation has worked out, by metrics and instant. */
const loaders = new WeakMap<Context, Map<string, OfSubject>>();

/** The contradictions in which claims of a subject take part, as known at an instant. Those of all subjects that an operation asks for are worked out together. */
export function loadContradictionsThen(
  context: Context,
  subjectId: number,
  { metrics, asOf }: Scope,
): Promise<readonly ContradictionThen[]> {
  const known = loaders.get(context) ?? new Map<string, OfSubject>();
  loaders.set(context, known);
  const key = [asOf.getTime(), ...metrics].join('|');
  const loader =
    known.get(key) ??
    new DataLoader(async (ids: readonly number[]) => {
      const found = await readContradictionsThen(context.db, ids, { metrics, asOf });
      return ids.map((id) => found.filter(({ involved }) => involved.has(id)));
    });
  known.set(key, loader);
  return loader.load(subjectId);
}

/** The contradiction with a key. Null if its claims did not contradict each other at that instant. */
export async function loadContradictionByKey(context: Context, text: string): Promise<Contradiction | null> {
  const { subjectId, metric, identity, asOf } = present(parseContradictionKey(text));
  const found = await loadContradictionsThen(context, subjectId, { metrics: [metric], asOf });
  const one = found.find((each) => each.identity === identity && shownContradiction(each).id === (text as unknown));
  return one === undefined ? null : shownContradiction(one);
}

/** A contradiction as the API shows it. */
export function shownContradiction(then: ContradictionThen): Contradiction {
  const { figureIds, setAsideIds, periods } = then;
  return asRow<Contradiction>({
    ...then,
    ...{ figureIds: [...figureIds], setAsideIds: [...setAsideIds], periods: [...periods] },
    resolvedAt: null,
    id: formatContradictionKey(then),
  });
}
