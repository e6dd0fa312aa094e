import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { conflictsOf } from '../claims/conflict-filter.ts';
import { type FigureFilter, figuresMatching } from '../claims/figure-filter.ts';
import { slotKey } from '../claims/slot.ts';
import { observedFrom } from '../estimates/kept.ts';
import { readHistories } from '../estimates/knowledge.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import { groupBy } from '../values/group.ts';
import { parsePeriod } from '../values/period.ts';

/** An observation whose claims contradict each other, with its place in the list: the newest period first, then by the slot, which is unique. */
export interface Conflict extends Observed {
  readonly periodEnd: Date;
  readonly slot: string;
}

/** The part of the list that is read: from one end of the list, or on from a place. */
export interface ConflictPart {
  readonly backwards: boolean;
  readonly place: { readonly periodEnd: Date; readonly slot: string } | null;
  /** Also the conflict at the place. */
  readonly isPlaceIn?: boolean;
  /** The largest number of conflicts. */
  readonly size: number;
}

/** The conflicts about the figures of a filter. */
export interface Conflicts {
  read(part: ConflictPart): Promise<readonly Conflict[]>;
  count(): Promise<number>;
}

type Row = Parameters<typeof observedFrom>[0] & Pick<Conflict, 'periodEnd' | 'slot'>;

/** The present conflicts about the figures of a filter; throws BadInput for unknown slugs, invalid periods and days, and too long a text. */
export async function conflictsAbout(db: Db, filter: FigureFilter): Promise<Conflicts> {
  const matching = await conflictsOf(db, filter);
  return {
    read: async (part) => {
      const rows = await db.$queryRaw<Row[]>`
        /* readConflicts */
        select o.slot, o."periodEnd", o."subjectId", o.metric::text, o.period, o."withinId", o.value, o.lower, o.upper, o.qualifier::text,
               o.method::text, o."bestId", o.agreement::text, o."decidedBy"::text, o.origins, o.resolution, o.revised, o.missing
          from "Observation" o
         where ${matching} ${fromPlace(part)}
         order by ${part.backwards ? BACKWARDS : ONWARDS}
         limit ${part.size}`;
      return rows.map((row) => ({ ...observedFrom(row), periodEnd: row.periodEnd, slot: row.slot }));
    },
    count: async () => {
      const [counted] = await db.$queryRaw<{ readonly conflicts: number }[]>`
        /* countConflicts */
        select count(*)::int as conflicts from "Observation" o where ${matching}`;
      return present(counted).conflicts;
    },
  };
}

const ONWARDS = Prisma.sql`o."periodEnd" desc, o.slot collate "C" desc`;
const BACKWARDS = Prisma.sql`o."periodEnd" asc, o.slot collate "C" asc`;

function fromPlace({ backwards, place, isPlaceIn = false }: ConflictPart): Prisma.Sql {
  if (place === null) return Prisma.empty;
  const than = Prisma.raw(`${backwards ? '>' : '<'}${isPlaceIn ? '=' : ''}`);
  const day = place.periodEnd.toISOString().slice(0, 10);
  return Prisma.sql`and (o."periodEnd", o.slot collate "C") ${than} (${day}::date, ${place.slot}::text collate "C")`;
}

/** The conflicts about the figures of a filter as known at an instant, when only the claims that counted then are weighed. In no order. */
export async function readConflictsThen(db: Db, filter: FigureFilter, asOf: Date): Promise<readonly Conflict[]> {
  const figures = await figuresMatching(db, { ...filter, currentOnly: true }, asOf);
  const conflicts = await readConflictsAsOf(db, figures, asOf);
  return conflicts.map((observed) => ({
    ...observed,
    periodEnd: new Date(observed.period.end),
    slot: slotKey({ ...observed.place, period: observed.period.text }),
  }));
}

/** A claim can be set aside because of other periods, so all claims of the subjects and metrics of the figures are weighed. */
async function readConflictsAsOf(db: Db, figures: Prisma.FigureWhereInput, asOf: Date): Promise<readonly Observed[]> {
  const slots = await db.figure.findMany({
    where: figures,
    distinct: ['subjectId', 'metric', 'period', 'withinId'],
    select: { subjectId: true, metric: true, period: true, withinId: true },
  });
  const found: Observed[] = [];
  for (const [, ofScope] of groupBy(slots, ({ metric, withinId }) => `${metric}|${withinId}`)) {
    const { metric, withinId } = present(ofScope[0]);
    const ids = [...new Set(ofScope.map(({ subjectId }) => subjectId))];
    const histories = await readHistories(db, ids, { metric, withinId, asOf });
    for (const { subjectId, period } of ofScope) {
      const observed = observationOf(required(histories, subjectId), present(parsePeriod(period)));
      if (observed?.agreement === 'CONFLICTS') found.push(observed);
    }
  }
  return found;
}
