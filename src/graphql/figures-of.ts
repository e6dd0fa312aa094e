import DataLoader from 'dataloader';
import type { Contradiction, Figure } from '../database/generated/client.ts';
import type { Context } from './context.ts';

type Ids = readonly number[];

/** What one operation asks about figures by their ids: one loader for each of the ways in which it asks. */
interface Loaders {
  readonly figures: Map<string, DataLoader<Ids, readonly Figure[]>>;
  readonly contradictions: Map<string, DataLoader<Ids, readonly Contradiction[]>>;
}

const loaders = new WeakMap<Context, Loaders>();

/** The figures with these ids, the earliest period first, with what the query asks of them. One statement for all of one field. */
export function loadFiguresOf(context: Context, query: object, ids: Ids): Promise<readonly Figure[]> {
  return loaderIn(loadersOf(context).figures, query, async (lists) => {
    const rows = await context.db.figure.findMany({
      ...query,
      where: { id: { in: distinct(lists) } },
      orderBy: [{ periodEnd: 'asc' }, { id: 'asc' }],
    });
    return lists.map((list) => rows.filter(({ id }) => list.includes(id)));
  }).load(ids);
}

/** The contradictions there are now in which any of the figures takes part, the earliest found first. One statement for all of one field. */
export function loadContradictionsOf(context: Context, query: object, ids: Ids): Promise<readonly Contradiction[]> {
  return loaderIn(loadersOf(context).contradictions, query, async (lists) => {
    const rows = await context.db.contradiction.findMany({
      ...query,
      where: { figureIds: { hasSome: distinct(lists) }, resolvedAt: null },
      orderBy: { id: 'asc' },
    });
    return lists.map((list) => rows.filter(({ figureIds }) => figureIds.some((id) => list.includes(id))));
  }).load(ids);
}

function loaderIn<Row>(
  among: Map<string, DataLoader<Ids, readonly Row[]>>,
  query: object,
  read: (lists: readonly Ids[]) => Promise<(readonly Row[])[]>,
): DataLoader<Ids, readonly Row[]> {
  const key = JSON.stringify(query);
  const known = among.get(key);
  if (known !== undefined) return known;
  const loader = new DataLoader(read, { cache: false });
  among.set(key, loader);
  return loader;
}

function loadersOf(context: Context): Loaders {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  const fresh: Loaders = { figures: new Map(), contradictions: new Map() };
  loaders.set(context, fresh);
  return fresh;
}

function distinct(lists: readonly Ids[]): number[] {
  return [...new Set(lists.flat())];
}
