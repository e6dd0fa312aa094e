import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { type Relatives, readRelatives } from './families.ts';

/** At most so many subjects are worked out at a time, without their relatives. */
const SUBJECTS = 200;
/**
 * At most so many figures are worked out at a time, of the subjects and their nearest relatives. A subject with more is worked out alone
 * with its relatives.
 */
const FIGURES = 5_000;

/**
 * The families of subjects, or all families, each once: some whole families at a time, so that memory stays bounded by the largest of them,
 * whatever the number of subjects.
 */
export async function* eachFamily(db: Db, ids: readonly number[] | null): AsyncGenerator<Relatives, void, void> {
  const done = new Set<number>();
  for (let after = 0; ; ) {
    const next = await nextSubjects(db, after, ids);
    const last = next.at(-1);
    if (last === undefined) return;
    after = last;
    const open = next.filter((id) => !done.has(id));
    if (open.length === 0) continue;
    const relatives = await readRelatives(db, open);
    for (const { id } of relatives.subjects) done.add(id);
    yield relatives;
  }
}

/** The ids of the next subjects after an id, of all or of some: as many as can be worked out at a time. */
export async function nextSubjects(db: Db, after: number, among: readonly number[] | null): Promise<readonly number[]> {
  const isAmong = among === null ? Prisma.empty : Prisma.sql`and id = any(${[...among]}::int[])`;
  const rows = await db.$queryRaw<{ id: number }[]>`
    /* nextSubjectsToWorkOut */
    select id
      from (select s.id, row_number() over (order by s.id) as place, sum(near.count) over (order by s.id) as figures
              from (select id, "parentId" from "Subject" where id > ${after}::int ${isAmong} order by id limit ${SUBJECTS}) s,
                   lateral (select count(*)
                              from "Figure" f
                             where f."subjectId" in (
                                     select s.id
                                      union select s."parentId"
                                      union select r.id from "Subject" r where r."parentId" in (s.id, s."parentId")
                                      union select m."brandId" from "Membership" m where m."allianceId" = s.id
                                      union select m."allianceId" from "Membership" m where m."brandId" = s.id)) near) counted
     where place = 1 or figures <= ${FIGURES}
     order by id`;
  return rows.map(({ id }) => id);
}
