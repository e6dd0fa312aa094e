import type { Maker } from './maker-query.ts';

type Source = Maker['figures']['nodes'][number]['source'];

export interface Tally {
  readonly publisher: Source['publisher'];
  readonly claims: number;
  readonly newest: Source;
}

/** Who made how many of the claims, most first, each with its newest document. The claims are in the order of their publication, the newest first. */
export function tally(claims: readonly { readonly source: Source }[]): readonly Tally[] {
  const byPublisher = new Map<string, Tally>();
  for (const { source } of claims) {
    const { id } = source.publisher;
    const before = byPublisher.get(id);
    byPublisher.set(id, {
      publisher: source.publisher,
      claims: (before?.claims ?? 0) + 1,
      newest: before?.newest ?? source,
    });
  }
  return [...byPublisher.values()].sort((a, b) => b.claims - a.claims);
}

/** Their names alone. */
export function publisherNames(claims: readonly { readonly source: Source }[]): readonly string[] {
  return tally(claims).map(({ publisher }) => publisher.name);
}
