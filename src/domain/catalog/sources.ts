import type { Publisher, Source } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { Problems } from '../values/problems.ts';

/** The sources with these ids, as far as they exist, with their publishers. */
export async function findSources(
  db: Db,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Source & { readonly publisher: Publisher }>> {
  const found = await db.source.findMany({ where: { id: { in: [...new Set(ids)] } }, include: { publisher: true } });
  return new Map(found.map((source) => [source.id, source]));
}

/** Notes that an id is not a source's. */
export function addUnknownSource(problems: Problems): void {
  problems.add('UNKNOWN_SOURCE', 'sourceId', 'There is no source with this id; register it first.');
}
