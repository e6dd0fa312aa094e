import { LAST_MONTH, QUESTIONS, type Question } from '../reads/questions.ts';

/** Questions whose answers are as long on much data as on little. The hand-written server is not asked. */
const MORE: readonly Omit<Question, 'path'>[] = [
  {
    name: 'search',
    query: 'query Search($query: String!) { search(query: $query, first: 10) { kind slug name } }',
    variables: { query: 'aurora 17' },
  },
  {
    name: 'conflicts',
    query: '{ conflicts(first: 20) { nodes { subject { slug } period value claims { value source { title } } } } }',
    variables: {},
  },
  {
    name: 'contradictions',
    query: '{ contradictions(first: 20) { nodes { kind subject { slug } periods gap explanation } } }',
    variables: {},
  },
  {
    name: 'changes of a subject',
    query: `query Changes($filter: ChangeFilter) {
      changes(first: 50, filter: $filter) { nodes { cursor at subject { slug } ... on FigureChange { figure { value } } } }
    }`,
    variables: { filter: { subjects: ['bench-1'] } },
  },
];

/** A page from the middle of all figures. */
const DEEP_PAGE = `query Deep($after: String) {
  figures(first: 50, after: $after) { nodes { period value subject { slug } source { title } } }
}`;
/** A cursor is valid for every list of its order, also without the filter. */
export const DEEP_CURSOR: Question = {
  name: 'where the deep page begins',
  query: `query Begin($period: Period!) {
    figures(first: 1, filter: { subjects: ["bench-15"], periods: [$period] }) { pageInfo { endCursor } }
  }`,
  variables: { period: '2022-06' },
  path: '',
};

/** All questions, with the cursor at which the deep page begins. */
export function questionsAfter(cursor: string): readonly Question[] {
  return [
    ...QUESTIONS,
    ...MORE.map((question) => ({ ...question, path: '' })),
    { name: 'a deep page of figures', query: DEEP_PAGE, variables: { after: cursor }, path: '' },
  ];
}

/** A board as it was known a month ago, of everybody. */
export const BOARD_THEN: Question = {
  name: 'a leaderboard of all as of then',
  query: `query Then($period: Period!, $asOf: DateTime) {
    leaderboard(period: $period, asOf: $asOf) { entries { rank subject { slug } observation { value } } }
  }`,
  variables: { period: LAST_MONTH, asOf: '2100-01-01T00:00:00Z' },
  path: '',
};
