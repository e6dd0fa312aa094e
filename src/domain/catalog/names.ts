import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import { uncancelled } from '../../database/cancel.ts';
import type { SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { type Named, NameIndex } from './name-index.ts';

/** The names are kept as of so many versions: a process has one database, and tests have several. */
const MOST_VERSIONS = 2;

/** A subject with its names. */
export interface NamedSubject extends Named {
  readonly kind: SubjectKind;
}

const kept = new LRUCache<string, Promise<NameIndex<NamedSubject>>>({ max: MOST_VERSIONS });
const versions = new WeakMap<Db, DataLoader<'newest', string>>();

/**
 * The names of all subjects, for whoever asks meanwhile: they are read to the end if one of them is cancelled. They are read again only after a subject was created or changed, which one small statement tells: every such
 * write appends a change of the subject to the log.
 */
export async function readNames(db: Db): Promise<NameIndex<NamedSubject>> {
  // A transaction, which cannot connect, can see subjects that are never committed.
  if (!('$connect' in db)) return readAll(db);
  const version = await versionOf(db);
  const known = kept.get(version);
  if (known !== undefined) return known;
  const reading = uncancelled(() => readAll(db));
  kept.set(version, reading);
  reading.catch(() => kept.delete(version));
  return reading;
}

/** What is different after each change of a subject. All that ask in the same turn of the event loop ask the database once. */
function versionOf(db: Db): Promise<string> {
  const known = versions.get(db);
  if (known !== undefined) return known.load('newest');
  const loader = new DataLoader(
    async (asked: readonly 'newest'[]) => {
      const version = await uncancelled(() => readNamesVersion(db));
      return asked.map(() => version);
    },
    { cache: false },
  );
  versions.set(db, loader);
  return loader.load('newest');
}

/** The digest of the last change of a subject depends on all changes before it. If none is kept, the point up to which the log was pruned counts. */
async function readNamesVersion(db: Db): Promise<string> {
  const rows = await db.$queryRaw<{ readonly name: string; readonly digest: string }[]>`
    /* readNamesVersion */
    select log.name,
           encode(coalesce((select digest from "Change" where kind = 'SUBJECT' order by position desc limit 1),
                           log."prunedDigest"), 'hex') as digest
      from "ChangeLog" log`;
  return rows.map(({ name, digest }) => `${name}|${digest}`).join();
}

async function readAll(db: Db): Promise<NameIndex<NamedSubject>> {
  const rows = await db.subject.findMany({
    select: { id: true, kind: true, slug: true, name: true, nameZh: true, aliases: true },
  });
  return new NameIndex(
    rows.map(({ id, kind, slug, name, nameZh, aliases }) => ({
      ...{ id, kind, slug },
      names: [slug, name, nameZh ?? '', ...aliases],
    })),
  );
}
