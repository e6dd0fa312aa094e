/** The last month of the data, and of what is asked for. */
export const LAST_MONTH = '2026-06';
const SUBJECTS = Array.from({ length: 20 }, (_, index) => `bench-${index + 1}`);
const CLUB = { kinds: ['UNITS'], threshold: 1_000_000, statuses: ['ANNOUNCED', 'CONFIRMED', 'DETECTED'] };

/** A question as every server that speaks GraphQL is asked it, and as the hand-written one is. */
export interface Question {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The path and the parameters of the hand-written server. */
  readonly path: string;
}

export const QUESTIONS: readonly Question[] = [
  {
    name: '20 brands × 12 months',
    query: `query Table($subjects: [String!]!, $from: PartialDate!, $to: PartialDate!) {
      series(subjects: $subjects, from: $from, to: $to) {
        subject { slug name milestones(last: 1) { nodes { title reachedOn status } } }
        observations { period value qualifier change(over: YEAR_AGO) { percent } }
      }
    }`,
    variables: { subjects: SUBJECTS, from: '2025-07', to: LAST_MONTH },
    path: `/table?subjects=${SUBJECTS.join()}&from=2025-07&to=${LAST_MONTH}`,
  },
  {
    name: 'a brand with 84 months',
    query: `query Brand($slug: String!, $from: PartialDate!, $to: PartialDate!) {
      brand(slug: $slug) {
        slug name nameZh firstDeliveryOn company { slug name }
        series(from: $from, to: $to) { observations { period value lower upper qualifier } }
        figures(first: 10) {
          nodes { metric period value qualifier source { title publishedOn publisher { name tier } } }
        }
        milestones(last: 5) { nodes { title reachedOn status } }
      }
    }`,
    variables: { slug: 'bench-1', from: '2019-07', to: LAST_MONTH },
    path: `/brand?slug=bench-1&from=2019-07&to=${LAST_MONTH}`,
  },
  {
    name: 'the million club',
    query: `query MillionClub($filter: MilestoneFilter) {
      milestones(filter: $filter, first: 50) {
        totalCount
        nodes {
          subject { slug name }
          metric title reachedOn status
          claims { on note source { title publisher { name tier } } }
        }
      }
    }`,
    variables: { filter: CLUB },
    path: `/milestones?kinds=${CLUB.kinds}&threshold=${CLUB.threshold}&statuses=${CLUB.statuses}&first=50`,
  },
  {
    name: "a month's leaderboard",
    query: `query Board($period: Period!) {
      leaderboard(period: $period) {
        period total
        entries { rank previousRank share subject { slug name } observation { value qualifier } }
      }
    }`,
    variables: { period: LAST_MONTH },
    path: `/leaderboard?period=${LAST_MONTH}&first=20`,
  },
  {
    name: '50 newest figures',
    query: `query Newest($first: Int) {
      figures(first: $first, orderBy: RECORDED_DESC) {
        nodes {
          metric period value qualifier recordedAt
          subject { slug name }
          source { title url publishedOn publisher { name tier } }
        }
      }
    }`,
    variables: { first: 50 },
    path: '/figures?first=50',
  },
];
