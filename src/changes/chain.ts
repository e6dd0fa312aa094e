import type { Db } from '../database/handle.ts';
import { readLogState } from './log.ts';

const BATCH = 5_000;

/** An entry whose digest is not that of what it says now, after the digest that is kept before it. */
export interface BrokenLink {
  readonly position: bigint;
  readonly kind: string;
  /** Of what it is about; null for an entry about no subject. */
  readonly slug: string | null;
  /** As it is kept, in hexadecimal. */
  readonly digest: string;
}

/**
 * Works the digest of every entry out again, from the cut to the head, in bounded memory.
 * Each link by itself, by the digest that is kept before it: where one is broken, those after it are not all told of as well. Nothing is said of an entry after a gap.
 */
export async function* findBrokenLinks(db: Db): AsyncGenerator<BrokenLink, undefined, undefined> {
  let place = await readCut(db);
  for (let more = true; more; ) {
    const links = await readLinks(db, place);
    more = links.length === BATCH;
    for (const { follows, digest, ...link } of links) {
      if (link.position === place.position + 1n) {
        if (!follows) yield { ...link, digest: Buffer.from(digest).toString('hex') };
      } else {
        const cut = await readCut(db);
        if (cut.position > place.position) {
          // It was cut meanwhile; what is left follows the new cut.
          place = cut;
          more = true;
          break;
        }
      }
      place = { position: link.position, digest };
    }
  }
}

/** What the next entry follows: the entry before it, or the cut. */
interface Before {
  readonly position: bigint;
  readonly digest: Uint8Array;
}

async function readCut(db: Db): Promise<Before> {
  const { prunedThrough, digests } = await readLogState(db);
  return { position: prunedThrough, digest: digests.get(prunedThrough) as Uint8Array };
}

interface Link extends Before {
  readonly follows: boolean;
  readonly kind: string;
  readonly slug: string | null;
}

function readLinks(db: Db, { position, digest }: Before): Promise<readonly Link[]> {
  return db.$queryRaw<Link[]>`
    /* readLinks */
    select c.position, c.digest, c.kind::text, s.slug,
           c.digest = change_digest(
             lag(c.digest, 1, ${digest}::bytea) over (order by c.position), c.position, change_content(c)) as follows
      from "Change" c
      left join "Subject" s on s.id = c."subjectId"
     where c.position > ${position}
     order by c.position
     limit ${BATCH}`;
}
