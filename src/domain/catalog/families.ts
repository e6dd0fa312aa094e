import { Prisma, type Subject } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readJson } from '../../database/read-json.ts';

/** A subject with what the counts about it depend on. */
export type Relative = Pick<
  Subject,
  'id' | 'slug' | 'name' | 'kind' | 'parentId' | 'brandsComplete' | 'firstDeliveryOn' | 'launchedOn'
>;

/** A brand's time in an alliance. */
export interface Joined {
  readonly allianceId: number;
  readonly brandId: number;
  readonly joinedOn: string | null;
  readonly leftOn: string | null;
}

/** Subjects that are parts and wholes of each other, over any number of steps. */
export interface Relatives {
  readonly subjects: readonly Relative[];
  readonly memberships: readonly Joined[];
}

/** Pairs of a part and a whole: brands of companies, brands of brands, and brands that are or were members of alliances. */
const PAIRS = Prisma.sql`
  (select part.id as part, whole.id as whole
     from "Subject" part
     join "Subject" whole on whole.id = part."parentId" and whole.kind in ('COMPANY', 'BRAND')
    where part.kind = 'BRAND'
   union all
   select "brandId", "allianceId" from "Membership")`;

/** A query for the ids of subjects and of everything that they are parts or wholes of, over any number of steps. */
export function familiesOf(ids: readonly number[]): Prisma.Sql {
  return familiesOfAll(Prisma.sql`select unnest(${[...ids]}::int[])`);
}

/** The same for the subjects of a query for ids. */
export function familiesOfAll(subjects: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    (with recursive family(id) as (
       ${subjects}
       union
       -- The offset forces index lookups.
       select related.id
         from family
        cross join lateral (
          (select whole as id from ${PAIRS} above where above.part = family.id offset 0)
          union all
          (select part from ${PAIRS} below where below.whole = family.id offset 0)) related
     )
     select id from family)`;
}

/** Those that are parts or wholes of others among them, or may be. */
export function relatedIn({ subjects, memberships }: Relatives): ReadonlySet<number> {
  const ids = new Set(subjects.map(({ id }) => id));
  const related = new Set(memberships.flatMap(({ allianceId, brandId }) => [allianceId, brandId]));
  for (const { id, parentId } of subjects) if (parentId !== null && ids.has(parentId)) related.add(id).add(parentId);
  return related;
}

/** The families among relatives, each by itself. */
export function apart({ subjects, memberships }: Relatives): readonly Relatives[] {
  const familyOf = new Map(
    subjects.map((subject) => [subject.id, { subjects: [subject], memberships: [] as Joined[] }]),
  );
  const join = (part: number, whole: number): void => {
    const [one, other] = [familyOf.get(part), familyOf.get(whole)];
    if (one === undefined || other === undefined || one === other) return;
    for (const subject of other.subjects) familyOf.set(subject.id, one);
    one.subjects.push(...other.subjects);
  };
  for (const { id, parentId } of subjects) if (parentId !== null) join(id, parentId);
  for (const { allianceId, brandId } of memberships) join(brandId, allianceId);
  for (const membership of memberships) familyOf.get(membership.allianceId)?.memberships.push(membership);
  return [...new Set(familyOf.values())].map((family) => ({
    ...family,
    subjects: family.subjects.sort((one, other) => one.id - other.id),
  }));
}

/** The ids of the subjects. */
export function idsOf({ subjects }: Pick<Relatives, 'subjects'>): readonly number[] {
  return subjects.map(({ id }) => id);
}

/** The subjects, and everything that they are parts or wholes of, now. */
export function readRelatives(db: Db, ids: readonly number[]): Promise<Relatives> {
  return readScope(db, familiesOf(ids));
}

/** The subjects of a query for ids, with the memberships of the alliances among them. One statement. */
export async function readScope(db: Db, scope: Prisma.Sql): Promise<Relatives> {
  return readJson(db, Prisma.sql`/* readScope */ select to_json(r)::text as json from (${relativesOf(scope)}) r`);
}

/** The same as a query for one row. */
export function relativesOf(scope: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    with among as materialized (
      select subject.*
        from (select distinct id from (${scope}) scope) wanted
       -- The offset forces index lookups: the planner overestimates the size of families, and would scan the table.
       cross join lateral (
          select id, slug, name, kind, "parentId", "brandsComplete", "firstDeliveryOn", "launchedOn"
            from "Subject"
           where "Subject".id = wanted.id
          offset 0) subject),
    joined as (
      select id, "allianceId", "brandId", "joinedOn", "leftOn"
        from "Membership"
       where "allianceId" in (select id from among where kind = 'ALLIANCE'))
    select (select coalesce(json_agg(among order by id), '[]') from among) as subjects,
           (select coalesce(json_agg(joined order by id), '[]') from joined) as memberships`;
}
