import { Prisma, type Source, type Subject } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readJson } from '../../database/read-json.ts';
import { slugOf } from './subjects.ts';

/** What the input of figures names, as far as it exists, with what its checks need. */
export interface Named {
  readonly subjects: readonly Pick<Subject, 'id' | 'slug' | 'kind'>[];
  readonly sources: readonly Pick<Source, 'id' | 'publishedOn'>[];
}

/** The subjects of texts and the sources of ids. One statement. */
export async function readNamed(db: Db, texts: readonly string[], sourceIds: readonly number[]): Promise<Named> {
  const { subjects, sources } = await readJson<NamedRow>(
    db,
    Prisma.sql`
    /* readNamed */
    select json_build_object(
             'subjects', (select coalesce(json_agg(json_build_array(id, slug, kind)), '[]')
                            from "Subject"
                           where slug = any(${[...new Set(texts.map(slugOf))]}::text[])),
             'sources', (select coalesce(json_agg(json_build_array(id, "publishedOn")), '[]')
                           from "Source"
                          where id = any(${[...new Set(sourceIds)]}::int[])))::text as json`,
  );
  return {
    subjects: subjects.map(([id, slug, kind]) => ({ id, slug, kind })),
    sources: sources.map(([id, day]) => ({ id, publishedOn: day === null ? null : new Date(day) })),
  };
}

interface NamedRow {
  readonly subjects: readonly (readonly [id: number, slug: string, kind: Subject['kind']])[];
  readonly sources: readonly (readonly [id: number, day: string | null])[];
}
