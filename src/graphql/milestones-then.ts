import DataLoader from 'dataloader';
import type { Milestone } from '../database/generated/client.ts';
import type { MilestoneFilter } from '../domain/milestones/filter.ts';
import { milestonesThenMatching, milestoneThenMatches, scopeOf } from '../domain/milestones/filter-then.ts';
import { type MilestonesThenScope, type MilestoneThen, readMilestonesThen } from '../domain/milestones/known-then.ts';
import { present } from '../required.ts';
import type { Context } from './context.ts';
import { asRow } from './known-then.ts';
import { formatMilestoneKey, type MilestoneKey, parseMilestoneKey } from './then-id.ts';

type OfSubject = DataLoader<number, readonly MilestoneThen[]>;
type Scope = Omit<MilestonesThenScope, 'subjectIds'>;

/** After every row. */
const NO_ROW = 2_147_483_647;

/** What one operation has worked out, by instant, metrics and kind. */
const loaders = new WeakMap<Context, Map<string, OfSubject>>();

/** The milestones of a filter as they were known at an instant, of one subject or of all. */
export async function readShownThen(
  context: Context,
  filter: MilestoneFilter,
  asOf: Date,
  subjectId: number | null,
): Promise<readonly Milestone[]> {
  if (subjectId === null) return (await milestonesThenMatching(context.db, filter, asOf)).map(shownMilestone);
  const matches = await milestoneThenMatches(context.db, filter);
  const all = await loadMilestonesThen(context, subjectId, { ...scopeOf(filter), asOf });
  return all.filter(matches).map(shownMilestone);
}

/** The milestone with a key. Null if it was not known at that instant. */
export async function loadMilestoneByKey(context: Context, text: string): Promise<Milestone | null> {
  const key = present(parseMilestoneKey(text));
  const { asOf } = key;
  const subjectId = await subjectOf(context, key);
  if (subjectId === null) return null;
  const scope = 'rowId' in key ? { metrics: null, counted: false } : { metrics: [key.metric], counted: true };
  const all = await loadMilestonesThen(context, subjectId, { ...scope, asOf });
  const one = all.find((each) => formatMilestoneKey(keyOf(each)) === text);
  return one === undefined ? null : shownMilestone(one);
}

async function subjectOf({ db }: Context, key: MilestoneKey): Promise<number | null> {
  if (!('rowId' in key)) return key.subjectId;
  return (await db.milestone.findUnique({ where: { id: key.rowId } }))?.subjectId ?? null;
}

/** All milestones of a subject. Those of all subjects that an operation asks for are worked out together. */
function loadMilestonesThen(context: Context, subjectId: number, scope: Scope): Promise<readonly MilestoneThen[]> {
  const known = loaders.get(context) ?? new Map<string, OfSubject>();
  loaders.set(context, known);
  const key = [scope.asOf.getTime(), scope.counted, ...(scope.metrics ?? ['all'])].join('|');
  const loader =
    known.get(key) ??
    new DataLoader(async (subjectIds: readonly number[]) => {
      const found: MilestoneThen[] = [];
      for await (const some of readMilestonesThen(context.db, { ...scope, subjectIds })) found.push(...some);
      return subjectIds.map((id) => found.filter((one) => one.subjectId === id));
    });
  known.set(key, loader);
  return loader.load(subjectId);
}

function keyOf({ kind, subjectId, metric, threshold, rowId, asOf }: MilestoneThen): MilestoneKey {
  return kind === 'UNITS'
    ? { subjectId, metric: present(metric), threshold: present(threshold), asOf }
    : { rowId: present(rowId), asOf };
}

/** A milestone as the API shows it, in the order of the rows of now as far as there are any. */
function shownMilestone(then: MilestoneThen): Milestone {
  const key = formatMilestoneKey(keyOf(then));
  return asRow<Milestone>({ ...then, ...{ rowId: then.rowId ?? NO_ROW, tie: key }, id: key });
}
