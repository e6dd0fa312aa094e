import type { Db } from '../database/handle.ts';
import { required } from '../required.ts';
import { readLogState } from './log.ts';

const BATCH = 5_000;

/** A log entry whose digest does not match its content and the digest stored before it. */
export interface BrokenLink {
  readonly position: bigint;
  readonly kind: string;
  /** The subject's slug; null for an entry without a subject. */
  readonly slug: string | null;
  /** The stored digest, in hexadecimal. */
  readonly digest: string;
}

/**
 * Recomputes the digest of every entry from the cut to the head, in bounded memory.
 * Each link is checked against the digest stored before it, so that one broken link does not report all later entries. An entry after a
 * gap is not reported.
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
          // The log was cut meanwhile; the rest follows the new cut.
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
  return { position: prunedThrough, digest: required(digests, prunedThrough) };
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
