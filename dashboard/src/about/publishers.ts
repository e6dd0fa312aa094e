import { client } from '../api/client.ts';
import { graphql } from '../api/graphql.ts';

/** So many pages of documents are read at most, 100 each. */
const PAGES = 20;
const SOURCES = graphql(`
  query Documents($after: String) {
    sources(first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id publisher { id name tier } }
    }
  }
`);

interface Publisher {
  readonly id: string;
  readonly name: string;
  readonly tier: number;
}

export interface PublisherList {
  /** Those with the most documents first. */
  readonly publishers: readonly (Publisher & { readonly documents: number })[];
  readonly documents: number;
  /** All documents that there are; more than were read if there are too many to read. */
  readonly totalCount: number;
}

/** Reads who published the newest documents, and how many each. Throws if the server does not answer. */
export async function readPublishers(): Promise<PublisherList> {
  const read: Publisher[] = [];
  let after: string | null = null;
  let totalCount = 0;
  for (let page = 0; page < PAGES; page += 1) {
    const { data, error } = await client.query(SOURCES, { after }).toPromise();
    if (data === undefined) throw error ?? new Error('The server did not answer.');
    read.push(...data.sources.nodes.map(({ publisher }) => publisher));
    totalCount = data.sources.totalCount;
    after = data.sources.pageInfo.endCursor;
    if (!data.sources.pageInfo.hasNextPage) break;
  }
  return { publishers: countOf(read), documents: read.length, totalCount };
}

function countOf(read: readonly Publisher[]): PublisherList['publishers'] {
  const counted = new Map<string, Publisher & { documents: number }>();
  for (const publisher of read) {
    const known = counted.get(publisher.id) ?? { ...publisher, documents: 0 };
    known.documents += 1;
    counted.set(publisher.id, known);
  }
  return [...counted.values()].sort(
    (a, b) => b.documents - a.documents || a.tier - b.tier || a.name.localeCompare(b.name),
  );
}
