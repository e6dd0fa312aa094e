import type { NewChange } from '../../changes/write.ts';
import { type Milestone, Prisma, type Subject } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';
import { familiesOfAll } from '../catalog/families.ts';
import { type PartialDate, parsePartialDate } from '../values/calendar.ts';
import type { Scope } from './edit.ts';
import { settleSubjects } from './effects.ts';

const DELIVERING: readonly Subject['kind'][] = ['MODEL', 'BRAND', 'COMPANY', 'ALLIANCE'];
/** What is announced and counts. */
const ANNOUNCED = { kind: 'FIRST_DELIVERY', status: 'ANNOUNCED', reachedOn: { not: null } } as const;

/** A milestone, and its day before it was announced once more. */
interface Announcement {
  readonly milestone: Milestone;
  readonly before: string | null;
}

/** A subject, the brand of a model, and the relatives of both: all whose first delivery an announcement about the subject can move. */
export function scopeOfFirstDelivery(subjectId: number): Scope {
  return familiesOfAll(Prisma.sql`
    select ${subjectId}::int
     union
    select "parentId" from "Subject" where id = ${subjectId}::int and kind = 'MODEL' and "parentId" is not null`);
}

/**
 * Lets `firstDeliveryOn` follow an announced first delivery: that of the subject itself; and of the brand of a model, and of a company all of
 * whose brands are known, the earliest of those below, unless a source names theirs or figures say that it was earlier. Works out again
 * what depends on it. Returns the log entries.
 * The open write must hold the locks of `scopeOfFirstDelivery`.
 */
export async function followFirstDelivery(tx: Tx, announcement: Announcement): Promise<readonly NewChange[]> {
  const { kind, status, reachedOn, subjectId } = announcement.milestone;
  if (kind !== 'FIRST_DELIVERY' || status !== 'ANNOUNCED' || reachedOn === null) return [];
  const subject = await tx.subject.findUniqueOrThrow({ where: { id: subjectId } });
  if (!DELIVERING.includes(subject.kind)) return [];
  const own = await announcedEarliest(tx, { subjectId }, announcement);
  const moved = new Map<number, string | null>();
  const isDerived = subject.firstDeliveryOn !== null && subject.firstDeliveryOn === (await earliestBelow(tx, subject));
  if (own.now !== null && (isDerived || isNearer(subject.firstDeliveryOn, own)))
    await move(tx, moved, subject, own.now);
  for (let whole = await wholeOf(tx, subject); whole !== null; whole = await wholeOf(tx, whole)) {
    if ((await tx.milestone.count({ where: { ...ANNOUNCED, subjectId: whole.id } })) > 0) break;
    const below =
      whole.kind === 'BRAND'
        ? await announcedEarliest(tx, { subject: { parentId: whole.id, kind: 'MODEL' } }, announcement)
        : await earliestOfBrands(tx, whole.id, moved);
    const present = whole.firstDeliveryOn;
    if (present !== null && present !== below.before) break;
    if (below.now === null || below.now.text === present || (await wasCountedBefore(tx, whole.id, below.now))) continue;
    await move(tx, moved, whole, below.now);
  }
  const ids = [...moved.keys()];
  const entries = ids.map((id): NewChange => ({ kind: 'SUBJECT', aboutId: id, subjectId: id }));
  return ids.length === 0 ? [] : [...entries, ...(await settleSubjects(tx, ids))];
}

/** The earliest first delivery of several, now and as it was before this announcement. */
interface Earliest {
  readonly now: PartialDate | null;
  readonly before: string | null;
}

async function announcedEarliest(
  tx: Tx,
  where: Prisma.MilestoneWhereInput,
  { milestone, before }: Announcement,
): Promise<Earliest> {
  const found = await tx.milestone.findMany({ where: { ...ANNOUNCED, ...where } });
  const others = found.filter(({ id }) => id !== milestone.id).map(({ reachedOn }) => reachedOn);
  return { now: earliest([...others, milestone.reachedOn]), before: earliest([...others, before])?.text ?? null };
}

/** Of the brands of a company; some have just been moved from a former date. */
async function earliestOfBrands(
  tx: Tx,
  companyId: number,
  moved: ReadonlyMap<number, string | null>,
): Promise<Earliest> {
  const brands = await tx.subject.findMany({ where: { parentId: companyId, kind: 'BRAND' } });
  const former = ({ id, firstDeliveryOn }: Subject) => (moved.has(id) ? (moved.get(id) ?? null) : firstDeliveryOn);
  return {
    now: earliest(brands.map(({ firstDeliveryOn }) => firstDeliveryOn)),
    before: earliest(brands.map(former))?.text ?? null,
  };
}

/** What a brand or a company has from its models or brands, if a source does not name its own. */
async function earliestBelow(tx: Tx, { id, kind }: Subject): Promise<string | null> {
  if (kind === 'COMPANY') return (await earliestOfBrands(tx, id, new Map())).before;
  if (kind !== 'BRAND') return null;
  const found = await tx.milestone.findMany({ where: { ...ANNOUNCED, subject: { parentId: id, kind: 'MODEL' } } });
  return earliest(found.map(({ reachedOn }) => reachedOn))?.text ?? null;
}

/** The date that is over first, and of several the most precise one. */
function earliest(texts: readonly (string | null)[]): PartialDate | null {
  const dates = texts.flatMap((text) => (text === null ? [] : (parsePartialDate(text) ?? [])));
  const [first = null] = dates.sort((a, b) =>
    a.last === b.last ? (a.first < b.first ? 1 : -1) : a.last < b.last ? -1 : 1,
  );
  return first;
}

/** Whether a subject's own first delivery replaces the present one: one that is not known, one that it moved from, a later or a less precise one. */
function isNearer(present: string | null, { now, before }: Earliest): boolean {
  if (now === null || present === now.text) return false;
  const old = present === null ? null : parsePartialDate(present);
  if (old === null || present === before) return true;
  return now.last < old.first || (now.first >= old.first && now.last <= old.last);
}

/** The brand of a model; the company of a brand, if all of its brands are known. A brand is more than a part of it. */
async function wholeOf(tx: Tx, { kind, parentId }: Subject): Promise<Subject | null> {
  if (parentId === null || (kind !== 'MODEL' && kind !== 'BRAND')) return null;
  const whole = await tx.subject.findUniqueOrThrow({ where: { id: parentId } });
  const follows = kind === 'MODEL' ? whole.kind === 'BRAND' : whole.kind === 'COMPANY' && whole.brandsComplete;
  return follows ? whole : null;
}

/** Whether figures of a subject, or of its brands, count something before a date: not all models and first deliveries are known. */
async function wasCountedBefore(tx: Tx, subjectId: number, date: PartialDate): Promise<boolean> {
  const earlier = await tx.figure.count({
    where: {
      subject: { OR: [{ id: subjectId }, { parentId: subjectId, kind: 'BRAND' }] },
      metric: { in: ['DELIVERIES', 'SALES'] },
      claimKey: { not: null },
      rank: { not: 'DEPRECATED' },
      periodEnd: { lt: new Date(date.first) },
      OR: [{ value: { gt: 0 } }, { lower: { gt: 0 } }],
    },
  });
  return earlier > 0;
}

/** Moves the first delivery of a subject, and notes where it was. */
async function move(
  tx: Tx,
  moved: Map<number, string | null>,
  { id, firstDeliveryOn }: Subject,
  date: PartialDate | null,
): Promise<void> {
  await tx.subject.update({ where: { id }, data: { firstDeliveryOn: date?.text ?? null } });
  moved.set(id, firstDeliveryOn);
}
