import { dayIn } from './as-of.ts';
import { client } from './client.ts';
import { graphql } from './graphql.ts';

const NEXT = graphql(`
  query NextChange($day: Date!, $instant: DateTime!) {
    figures(filter: { publishedSince: $day, currentOnly: false }, orderBy: PUBLISHED_DESC, last: 1) {
      nodes { id source { id publishedOn } }
    }
    changes(since: $instant, first: 1) { nodes { __typename at } }
  }
`);
const NEWEST = graphql(`
  query NewestPublished {
    figures(filter: { currentOnly: false }, orderBy: PUBLISHED_DESC, first: 1) { nodes { id source { id publishedOn } } }
  }
`);

/** The first day, this one or later, on which a figure was published or something was recorded. Null: there is none. */
export async function changeFrom(day: string): Promise<string | null> {
  const { data, error } = await client
    .query(NEXT, { day, instant: `${day}T00:00:00+08:00` }, { requestPolicy: 'network-only' })
    .toPromise();
  if (data === undefined) throw error ?? new Error('The server did not answer.');
  const published = data.figures.nodes[0]?.source.publishedOn ?? null;
  const at = data.changes.nodes[0]?.at;
  const recorded = at === undefined ? null : dayIn(new Date(at));
  return [published, recorded].filter((one) => one !== null).sort()[0] ?? null;
}

/** The newest day on which a figure was published. Null: no such day is known. */
export async function newestPublished(): Promise<string | null> {
  const { data, error } = await client.query(NEWEST, {}).toPromise();
  if (data === undefined) throw error ?? new Error('The server did not answer.');
  return data.figures.nodes[0]?.source.publishedOn ?? null;
}
