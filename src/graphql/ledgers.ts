import DataLoader from 'dataloader';
import type { Ledger } from '../domain/derivation.ts';
import { type LedgerScope, readLedgers } from '../domain/ledger.ts';
import { readFigures, type Slot, slotKey, type WeighedFigure } from '../domain/observation.ts';
import type { Context } from './context.ts';

/** What one operation has read of observations; it goes with its context, so no event sees what was read for another. */
interface Loaders {
  readonly ledgers: Map<string, DataLoader<number, Ledger | null>>;
  readonly figures: DataLoader<Slot, readonly WeighedFigure[], string>;
}

const loaders = new WeakMap<Context, Loaders>();

/** The ledger of a subject; all that an operation asks for in one scope are read together. */
export function loadLedger(context: Context, subjectId: number, scope: LedgerScope): Promise<Ledger | null> {
  const { ledgers } = loadersOf(context);
  const key = [scope.metric, scope.withinId, scope.asOf?.getTime()].join('|');
  const loader =
    ledgers.get(key) ??
    new DataLoader(async (ids: readonly number[]) => {
      const found = await readLedgers(context.db, ids, scope);
      return ids.map((id) => found.get(id) ?? null);
    });
  ledgers.set(key, loader);
  return loader.load(subjectId);
}

/** All figures ever recorded about a slot; all slots that an operation asks for are read together. */
export function loadFigures(context: Context, slot: Slot): Promise<readonly WeighedFigure[]> {
  return loadersOf(context).figures.load(slot);
}

function loadersOf(context: Context): Loaders {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  const figures = new DataLoader<Slot, readonly WeighedFigure[], string>(
    async (slots) => {
      const all = await readFigures(context.db, slots);
      return slots.map((slot) => all.filter((figure) => slotKey(figure) === slotKey(slot)));
    },
    { cacheKeyFn: slotKey },
  );
  const fresh = { ledgers: new Map(), figures };
  loaders.set(context, fresh);
  return fresh;
}
