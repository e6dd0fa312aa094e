import { tellAll, type Verification } from './verification.ts';

/** Finds subjects that stand above themselves. Two numbers a subject, all of one moment: a circle of moves that came one after the other is none. */
export async function verifyParents(verification: Verification): Promise<void> {
  const { db } = verification;
  const rows = await db.$queryRaw<{ id: number; parentId: number }[]>`
    /* readParents */
    select id, "parentId" from "Subject" where "parentId" is not null order by id`;
  const circles = circlesIn(new Map(rows.map(({ id, parentId }) => [id, parentId])));
  const subjects = await db.subject.findMany({
    where: { id: { in: circles.flat() } },
    select: { id: true, slug: true },
  });
  const slugs = new Map(subjects.map(({ id, slug }) => [id, slug]));
  tellAll(
    verification,
    circles.map((circle) => {
      const [first, ...others] = circle.map((id) => slugs.get(id) as string);
      return {
        about: `${first}: what stands above it`,
        kept: [first, ...others, first].join(' under '),
        recomputed: 'no subject stands above itself; move one of them with updateSubject',
      };
    }),
  );
}

/** The circles of a walk upward, each once, from its lowest id on. */
function circlesIn(parents: ReadonlyMap<number, number>): readonly (readonly number[])[] {
  const circles: number[][] = [];
  const walkOf = new Map<number, number>();
  for (const start of parents.keys()) {
    const path: number[] = [];
    let id: number | undefined = start;
    for (; id !== undefined && !walkOf.has(id); id = parents.get(id)) {
      walkOf.set(id, start);
      path.push(id);
    }
    // Back on its own way: from there on it goes round.
    if (id !== undefined && walkOf.get(id) === start) circles.push(fromLowest(path.slice(path.indexOf(id))));
  }
  return circles;
}

function fromLowest(circle: readonly number[]): number[] {
  const at = circle.indexOf(Math.min(...circle));
  return [...circle.slice(at), ...circle.slice(0, at)];
}
