import type { Figure, Prisma, Subject } from '../database/generated/client.ts';
import { type Observed, observedAlone } from './derivation.ts';
import type { Asserted } from './observation.ts';

/** What of a figure says which slot its claim is about. */
export const SLOT = {
  subjectId: true,
  metric: true,
  withinId: true,
  period: true,
  subject: { select: { slug: true } },
} as const satisfies Prisma.FigureSelect;

type Slot = Pick<Figure, 'subjectId' | 'metric' | 'withinId' | 'period'> & { readonly subject: Pick<Subject, 'slug'> };

/** The observation that a log entry carries, about the slot of its figure; null when the entry carries none. */
export function observationOfEntry(figure: Slot | null, carried: Prisma.JsonValue): Observed | null {
  if (figure === null || carried === null) return null;
  const { subject, ...slot } = figure;
  return observedAlone({ ...slot, slug: subject.slug, asOf: null }, carried as unknown as Asserted);
}
