import type { NewChange } from '../../changes/log.ts';
import { type Milestone, Prisma, type Subject } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { familiesOfAll } from '../catalog/families.ts';
import { parsePartialDate } from '../values/calendar.ts';
import type { Scope } from './edit.ts';
import { settleSubjects } from './effects.ts';

const DELIVERING: readonly Subject['kind'][] = ['MODEL', 'BRAND', 'COMPANY', 'ALLIANCE'];

/** A subject, the brand of a model, and the relatives of both: all whose first delivery an announcement about the subject can move. */
export function scopeOfFirstDelivery(subjectId: number): Scope {
  return familiesOfAll(Prisma.sql`
    select ${subjectId}::int
     union
    select "parentId" from "Subject" where id = ${subjectId}::int and kind = 'MODEL' and "parentId" is not null`);
}

/**
 * Lets `firstDeliveryOn` follow an announced first delivery: that of the subject itself, and of the brand of a model and of the company
 * all of whose brands are known, unless a source names theirs. Works out again what depends on it. Returns the log entries.
 * The open write must hold the locks of `scopeOfFirstDelivery`.
 */
export async function followFirstDelivery(
  tx: Tx,
  { reachedOn: before }: Pick<Milestone, 'reachedOn'>,
  { kind, status, reachedOn, subjectId }: Milestone,
): Promise<readonly NewChange[]> {
  if (kind !== 'FIRST_DELIVERY' || status !== 'ANNOUNCED' || reachedOn === null) return [];
  const moved: number[] = [];
  for (let at: number | null = subjectId; at !== null; ) {
    const subject: Subject = await tx.subject.findUniqueOrThrow({ where: { id: at } });
    const isNamed = at !== subjectId && (await hasOwnFirstDelivery(tx, at));
    if (isNamed || !DELIVERING.includes(subject.kind) || !isMoved(subject.firstDeliveryOn, before, reachedOn)) break;
    await tx.subject.update({ where: { id: at }, data: { firstDeliveryOn: reachedOn } });
    moved.push(at);
    at = await wholeThatFollows(tx, subject);
  }
  const entries = moved.map((id): NewChange => ({ kind: 'SUBJECT', aboutId: id, subjectId: id }));
  return moved.length === 0 ? [] : [...entries, ...(await settleSubjects(tx, moved))];
}

/** Whether an announced date replaces the present one: where there is none, where it came from the same milestone, or an earlier or more precise one. */
function isMoved(present: string | null, before: string | null, announced: string): boolean {
  if (present === announced) return false;
  const [old, fresh] = [present === null ? null : parsePartialDate(present), parsePartialDate(announced)];
  if (fresh === null) return false;
  if (old === null || present === before) return true;
  return fresh.last < old.first || (fresh.first >= old.first && fresh.last <= old.last);
}

/** The brand of a model or of a part of it; the company of a brand, if all of its brands are known. */
async function wholeThatFollows(tx: Tx, { kind, parentId }: Subject): Promise<number | null> {
  if (parentId === null || (kind !== 'MODEL' && kind !== 'BRAND')) return null;
  const whole = await tx.subject.findUniqueOrThrow({ where: { id: parentId } });
  return whole.kind === 'COMPANY' && !whole.brandsComplete ? null : parentId;
}

async function hasOwnFirstDelivery(tx: Tx, subjectId: number): Promise<boolean> {
  const named = await tx.milestone.count({
    where: { subjectId, kind: 'FIRST_DELIVERY', status: 'ANNOUNCED', reachedOn: { not: null } },
  });
  return named > 0;
}
