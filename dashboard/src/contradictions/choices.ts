import { shareApart } from './claims.ts';
import type { Contradiction } from './contradictions-query.ts';

export interface Choices {
  /** The slug of a subject that takes part; null: all. */
  readonly maker: string | null;
  readonly kind: string | null;
  readonly order: string | null;
}

/** The contradictions that the reader wants to see, in the order of the choice. */
export function chosenOf(all: readonly Contradiction[], { maker, kind, order }: Choices): readonly Contradiction[] {
  const chosen = all.filter((one) => (kind === null || one.kind === kind) && (maker === null || takesPart(one, maker)));
  if (order !== 'gap') return chosen;
  return [...chosen].sort((a, b) => (shareApart(b) ?? 0) - (shareApart(a) ?? 0));
}

/** All who take part in contradictions, each once. */
export function makersOf(all: readonly Contradiction[]): readonly Contradiction['subject'][] {
  const subjects = all.flatMap(({ subject, figures }) => [subject, ...figures.map((figure) => figure.subject)]);
  return [...new Map(subjects.map((subject) => [subject.slug, subject])).values()];
}

function takesPart({ subject, figures }: Contradiction, slug: string): boolean {
  return subject.slug === slug || figures.some((figure) => figure.subject.slug === slug);
}
