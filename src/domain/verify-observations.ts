import type { Metric, Observation } from '../database/generated/client.ts';
import type { Db, Tx } from '../database/handle.ts';
import { edit, withWholes } from './edit.ts';
import {
  type Asserted,
  groupBySlot,
  observe,
  refreshObservations,
  type Slot,
  sameObservation,
  samePlace,
  slotKey,
  WEIGHED,
  type WeighedFigure,
} from './observation.ts';
import { type Difference, inSnapshot, settleDifferences, type Verification } from './verification.ts';

/** So many figures are in memory at a time, and a few more: what ends on one day is not divided. */
const PAGE = 2_000;

/** Works the observations out from the figures, slot by slot, and finds the ones that no figure is about. */
export async function verifyObservations(verification: Verification): Promise<void> {
  await verifyFromFigures(verification);
  await findStrays(verification);
}

/** Where a page of figures ends: after everything about a subject and metric that ends on a day. */
interface Mark {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly periodEnd: string;
}

/** A slot whose observation is not what its figures amount to. */
type SlotDifference = Difference & { readonly slot: Slot };

interface Page {
  readonly end: Mark | null;
  readonly figures: number;
  readonly differences: readonly SlotDifference[];
}

const START: Mark = { subjectId: 0, metric: 'DELIVERIES', periodEnd: '0001-01-01' };

async function verifyFromFigures(verification: Verification): Promise<void> {
  const { db, compared } = verification;
  for (let from: Mark | null = START; from !== null; ) {
    const start: Mark = from;
    const { end, figures, differences } = await inSnapshot(db, (tx) => comparePage(tx, start));
    compared.figures += figures;
    const slots = differences.map(({ slot }) => slot);
    await settleDifferences(
      verification,
      differences,
      () => edit(db, withWholes(slots.map(({ subjectId }) => subjectId)), ({ tx }) => refreshObservations(tx, slots)),
      async () => (await inSnapshot(db, (tx) => comparePage(tx, start))).differences,
    );
    from = end;
  }
}

async function comparePage(tx: Tx, after: Mark): Promise<Page> {
  const { end, ids } = await readPage(tx, after);
  const figures = await tx.figure.findMany({ where: { id: { in: ids } }, include: WEIGHED, orderBy: { id: 'asc' } });
  const slots = groupBySlot(figures);
  const rows = await tx.observation.findMany({ where: { slot: { in: [...slots.keys()] } } });
  const kept = new Map(rows.map((row) => [row.slot, row]));
  const differing = [...slots].flatMap(([slot, ofSlot]) => compareSlot(kept.get(slot), ofSlot));
  const slugs = await readSlugs(
    tx,
    differing.map(({ slot }) => slot.subjectId),
  );
  const differences = differing.map(({ slot, ...difference }) => ({
    about: `${slugs.get(slot.subjectId)} ${slot.metric} ${slot.period}`,
    slot,
    ...difference,
  }));
  return { end, figures: figures.length, differences };
}

/** The next figures in the order of their index, up to the end of a day. */
async function readPage(tx: Tx, { subjectId, metric, periodEnd }: Mark): Promise<{ end: Mark | null; ids: number[] }> {
  const [page] = await tx.$queryRaw<{ end: Mark | null; ids: number[] }[]>`
    /* readFiguresOfPage */
    with page as (
      select "subjectId", metric, "periodEnd"
        from "Figure"
       where ("subjectId", metric, "periodEnd") > (${subjectId}::int, ${metric}::"Metric", ${periodEnd}::date)
       order by "subjectId", metric, "periodEnd"
       limit ${PAGE}
    ), ending as (
      select * from page order by "subjectId" desc, metric desc, "periodEnd" desc limit 1
    )
    select jsonb_build_object('subjectId', e."subjectId", 'metric', e.metric, 'periodEnd', e."periodEnd") as "end",
           array(select f.id
                   from "Figure" f
                  where (f."subjectId", f.metric, f."periodEnd") > (${subjectId}::int, ${metric}::"Metric", ${periodEnd}::date)
                    and (f."subjectId", f.metric, f."periodEnd") <= (e."subjectId", e.metric, e."periodEnd")) as ids
      from ending e`;
  return page ?? { end: null, ids: [] };
}

function compareSlot(row: Observation | undefined, ofSlot: readonly WeighedFigure[]) {
  const current = ofSlot.filter(({ claimKey }) => claimKey !== null);
  const recomputed = observe(current, current.length < ofSlot.length);
  const figure = ofSlot[0] as WeighedFigure;
  const slot: Slot = figure;
  if (row === undefined && recomputed === null) return [];
  if (row === undefined || recomputed === null || !sameObservation(row, recomputed))
    return [{ slot, kept: shown(row), recomputed: shown(recomputed) }];
  return samePlace(row, figure) ? [] : [{ slot, kept: placeOf(row), recomputed: placeOf(figure) }];
}

async function findStrays(verification: Verification): Promise<void> {
  const { db, compared } = verification;
  for (let last = 0; ; ) {
    const page = await readStrays(db, last);
    if (page.last === null) return;
    last = page.last;
    compared.observations += page.count;
    const strays = await readLeft(db, page.strays);
    const slugs = await readSlugs(
      db,
      strays.map(({ subjectId }) => subjectId),
    );
    const describe = (row: Observation): Difference => ({
      about: `${slugs.get(row.subjectId)} ${row.metric} ${row.period}`,
      kept: shown(row),
      recomputed: shown(null),
    });
    await settleDifferences(
      verification,
      strays.map(describe),
      () =>
        edit(db, withWholes(strays.map(({ subjectId }) => subjectId)), async ({ tx }) => {
          const left = await readLeft(tx, page.strays);
          await tx.observation.deleteMany({ where: { id: { in: left.map(({ id }) => id) } } });
        }),
      async () => (await readLeft(db, page.strays)).map(describe),
    );
  }
}

/** Of the next observations those that stand where no figure does, or under a name that is not their own. */
async function readStrays(
  db: Db,
  last: number,
): Promise<{ readonly last: number | null; readonly count: number; readonly strays: number[] }> {
  const [page] = await db.$queryRaw<{ last: number | null; count: number; strays: number[] }[]>`
    /* readStrays */
    with page as (select * from "Observation" where id > ${last}::int order by id limit ${PAGE})
    select max(id) as last, count(*)::int as count,
           coalesce(array_agg(id) filter (where
             slot <> concat("subjectId", '|', metric, '|', period, '|', "withinId")
             or not exists (
               select from "Figure" f
                where f."subjectId" = page."subjectId" and f.metric = page.metric and f."periodEnd" = page."periodEnd"
                  and f.period = page.period and f."withinId" is not distinct from page."withinId")), '{}') as strays
      from page`;
  return page as NonNullable<typeof page>;
}

/** Those of the observations that are still there and belong to no figure. */
async function readLeft(db: Db, ids: readonly number[]): Promise<readonly Observation[]> {
  const left: Observation[] = [];
  for (const row of await db.observation.findMany({ where: { id: { in: [...ids] } }, orderBy: { id: 'asc' } }))
    if (!(await isOfFigures(db, row))) left.push(row);
  return left;
}

/** Whether there are figures about the slot that a row names: it is compared with them, wherever it stands. */
async function isOfFigures(db: Db, row: Observation): Promise<boolean> {
  const [, subjectId, metric, period, withinId] = /^(\d{1,9})\|(\w+)\|([^|]+)\|(\d{0,9})$/.exec(row.slot) ?? [];
  if (subjectId === undefined) return false;
  const found = await db.$queryRaw<unknown[]>`
    /* isOfFigures */
    select 1 as found from "Figure"
     where "subjectId" = ${Number(subjectId)}::int and metric::text = ${metric} and period = ${period}
       and coalesce("withinId"::text, '') = ${withinId}
     limit 1`;
  return found.length > 0;
}

async function readSlugs(db: Db, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map();
  const subjects = await db.subject.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, slug: true },
  });
  return new Map(subjects.map(({ id, slug }) => [id, slug]));
}

function shown(
  observation: (Omit<Asserted, 'bestId'> & { readonly bestId: number | null }) | null | undefined,
): string {
  if (observation == null) return 'nothing';
  const { value, lower, upper, qualifier, agreement, bestId, revised, resolution } = observation;
  const best = `best claim ${bestId}${revised ? ', revised' : ''}`;
  return `${qualifier} ${value} [${lower}, ${upper}] ${agreement}, ${best}: ${resolution}`;
}

/** What a row is found by. */
function placeOf(row: Slot & { readonly periodStart: Date | null; readonly periodEnd: Date }): string {
  const days = [row.periodStart, row.periodEnd].map((day) => day?.toISOString().slice(0, 10) ?? '..');
  return `found under ${slotKey(row)} from ${days.join(' to ')}`;
}
