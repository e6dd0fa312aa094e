import { Prisma, type Subject } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';

/** A subject with what the counts about it depend on. */
export type Relative = Pick<
  Subject,
  'id' | 'slug' | 'kind' | 'parentId' | 'brandsComplete' | 'firstDeliveryOn' | 'launchedOn'
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
  return Prisma.sql`
    (with recursive family(id) as (
       select unnest(${[...ids]}::int[])
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

/** The subjects, and everything that they are parts or wholes of, now. */
export async function readRelatives(db: Db, ids: readonly number[]): Promise<Relatives> {
  const rows = await db.$queryRaw<{ id: number }[]>`/* readFamilies */ ${familiesOf(ids)}`;
  const all = rows.map(({ id }) => id);
  const subjects: readonly Relative[] = await db.subject.findMany({
    where: { id: { in: all } },
    select: {
      ...{ id: true, slug: true, kind: true, parentId: true, brandsComplete: true },
      ...{ firstDeliveryOn: true, launchedOn: true },
    },
    orderBy: { id: 'asc' },
  });
  const alliances = subjects.filter(({ kind }) => kind === 'ALLIANCE').map(({ id }) => id);
  const memberships =
    alliances.length === 0
      ? []
      : await db.membership.findMany({ where: { allianceId: { in: alliances } }, orderBy: { id: 'asc' } });
  return { subjects, memberships };
}
