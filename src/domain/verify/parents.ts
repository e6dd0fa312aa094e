import { required } from '../../required.ts';
import { reportAll, type Verification } from './verification.ts';

/**
 * Finds subjects that are above themselves. It reads two numbers for each subject in one statement, so that moves at different times
 * cannot look like a cycle.
 */
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
  reportAll(
    verification,
    circles.map((circle) => {
      const [first, ...others] = circle.map((id) => required(slugs, id));
      return {
        about: `${first}: what is above it`,
        kept: [first, ...others, first].join(' under '),
        recomputed: 'no subject is above itself; move one of them with updateSubject',
      };
    }),
  );
}

/** The cycles of parents, each once, starting from its lowest id. */
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
    // The walk has met its own path, so that is a cycle.
    if (id !== undefined && walkOf.get(id) === start) circles.push(fromLowest(path.slice(path.indexOf(id))));
  }
  return circles;
}

function fromLowest(circle: readonly number[]): number[] {
  const at = circle.indexOf(Math.min(...circle));
  return [...circle.slice(at), ...circle.slice(0, at)];
}
