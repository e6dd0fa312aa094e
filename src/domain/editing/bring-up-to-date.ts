import type { PrismaClient } from '../../database/generated/client.ts';
import { familiesOf, idsOf } from '../catalog/families.ts';
import { edit } from './edit.ts';
import { settleSubjects } from './effects.ts';

/** The version of the rules by which observations, contradictions and milestones are worked out. It grows when they change. */
const ESTIMATES_VERSION = 2;
/** The number of subjects with figures or milestones that are looked for at a time. */
const PAGE = 500;

/**
 * Works everything out anew that was kept by an older version of the rules, family by family, each in one write. What was done stays if it
 * is ended in between. Returns the number of families.
 */
export async function bringUpToDate(db: PrismaClient): Promise<number> {
  const [log] = await db.$queryRaw<{ version: number }[]>`
    /* readEstimatesVersion */ select "estimatesVersion" as version from "ChangeLog"`;
  if (log === undefined || log.version >= ESTIMATES_VERSION) return 0;
  const done = new Set<number>();
  let families = 0;
  for (let last = 0; ; ) {
    const rows = await db.$queryRaw<{ id: number }[]>`
      /* nextSubjects */
      select s.id from "Subject" s
       where s.id > ${last}::int
         and (exists (select from "Figure" f where f."subjectId" = s.id) or exists (select from "Milestone" m where m."subjectId" = s.id))
       order by s.id
       limit ${PAGE}`;
    for (const { id } of rows) {
      if (done.has(id)) continue;
      families += 1;
      await edit(db, familiesOf([id]), async ({ tx, relatives, append }) => {
        const family = idsOf(relatives);
        for (const relative of family) done.add(relative);
        const changes = await settleSubjects(tx, family);
        if (changes.length > 0) await append(changes);
      });
    }
    const end = rows.at(-1)?.id;
    if (end === undefined) break;
    last = end;
  }
  await db.$executeRaw`/* noteEstimatesVersion */ update "ChangeLog" set "estimatesVersion" = ${ESTIMATES_VERSION}::int`;
  return families;
}
