import type { Prisma } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { type Observed, observedAlone } from './derivation.ts';
import type { Asserted } from './observation.ts';

/** The observation that a log entry carries, about the slot of its figure; null when the entry carries none. */
export async function readObservationOf(
  db: Db,
  figureId: number | null,
  carried: Prisma.JsonValue,
): Promise<Observed | null> {
  if (figureId === null || carried === null) return null;
  const { subject, ...slot } = await db.figure.findUniqueOrThrow({
    where: { id: figureId },
    select: { subjectId: true, metric: true, withinId: true, period: true, subject: { select: { slug: true } } },
  });
  return observedAlone({ ...slot, slug: subject.slug, asOf: null }, carried as unknown as Asserted);
}
