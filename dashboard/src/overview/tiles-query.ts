import type { ResultOf } from 'gql.tada';
import { graphql } from '../api/graphql.ts';

const CROSSING = graphql(`
  fragment NextCrossing on Subject @_unmask {
    id
    slug
    kind
    name
    nameZh
    nextMilestone(asOf: $asOf) { threshold earliest latest }
  }
`);

/** Who is in the million club, and what was reached last. */
export const CLUB = graphql(`
  query Club($asOf: DateTime, $until: Date) {
    club: milestones(
      filter: { kinds: [UNITS], threshold: 1000000, subjectKinds: [BRAND, COMPANY, ALLIANCE], statuses: [ANNOUNCED, CONFIRMED, DETECTED] }
      first: 100
      asOf: $asOf
    ) {
      nodes { id subject { id slug kind name nameZh } }
    }
    newest: milestones(
      filter: { kinds: [UNITS], subjectKinds: [BRAND, COMPANY, ALLIANCE], statuses: [ANNOUNCED, CONFIRMED, DETECTED], reachedUntil: $until }
      orderBy: REACHED_ON_DESC
      first: 20
      asOf: $asOf
    ) {
      nodes { id kind metric threshold title status reachedOn subject { id slug kind name nameZh } }
    }
  }
`);

/** What contradicts each other, and who is next. As of an instant each of the two is worked out from all claims. */
export const TILES = graphql(
  `
  query Tiles($asOf: DateTime) {
    contradictions(first: 1, asOf: $asOf) { totalCount }
    brands(first: 100) { nodes { ...NextCrossing } }
    companies(first: 100) { nodes { ...NextCrossing } }
  }
`,
  [CROSSING],
);

export type TilesData = ResultOf<typeof CLUB> & ResultOf<typeof TILES>;
export type Crossed = Omit<TilesData['brands']['nodes'][number], '__typename'>;
