import type { Db } from '../database/handle.ts';
import { type LogState, readLogState } from './log.ts';

const BATCH = 5_000;
/** A figure says when it was recorded by the instance's clock, and its entry by the database's; so far they can be apart. */
const CLOCKS_APART_MS = 3_600_000;

/** Something about the log that is not as it was written. */
export interface LogDifference {
  /** The entry's position; null for a figure without an entry. */
  readonly position: bigint | null;
  /** What it is about, for people. */
  readonly about: string;
  readonly kept: string;
  readonly recomputed: string;
}

/** Works the digest of every entry out again, from the cut to the head, and finds gaps and figures without an entry, in bounded memory; one difference at a time, the first first. Returns how many entries there are. */
export async function* verifyLog(db: Db): AsyncGenerator<LogDifference, number, undefined> {
  let state = await readLogState(db);
  let place = cutIn(state);
  let count = 0;
  for (let more = true; more; ) {
    const entries = await readChain(db, place);
    more = entries.length === BATCH;
    for (const entry of entries) {
      if (entry.position !== place.position + 1n) {
        state = await readLogState(db);
        if (state.prunedThrough > place.position) {
          // It was cut meanwhile; what is left follows the new cut.
          place = cutIn(state);
          more = true;
          break;
        }
        yield gap(place.position, entry.position);
      } else if (!entry.follows) yield changed(entry);
      if (entry.figureIsMissing) yield withoutFigure(entry);
      place = entry;
      count += 1;
    }
  }
  if (place.position < state.head) yield gap(place.position, state.head + 1n);
  yield* figuresWithoutEntry(db);
  return count;
}

/** An entry, or the cut, that the next entry follows. */
type Before = Pick<Link, 'position' | 'digest'>;

function cutIn({ prunedThrough, digests }: LogState): Before {
  return { position: prunedThrough, digest: digests.get(prunedThrough) as Uint8Array };
}

interface Link {
  readonly position: bigint;
  readonly digest: Uint8Array;
  /** Whether its digest is that of what it says now, after the digest that is kept before it. */
  readonly follows: boolean;
  readonly figureIsMissing: boolean;
  readonly kind: string;
  readonly slug: string | null;
}

/** Each link by itself, by the digest that is kept before it: where one is broken, those after it are not all reported as well. */
function readChain(db: Db, { position, digest }: Before): Promise<readonly Link[]> {
  return db.$queryRaw<Link[]>`
    /* readChain */
    select c.position, c.digest, c.kind::text, s.slug,
           c.kind = 'FIGURE' and f.id is null as "figureIsMissing",
           c.digest = change_digest(
             lag(c.digest, 1, ${digest}::bytea) over (order by c.position), c.position, change_content(c)) as follows
      from "Change" c
      left join "Subject" s on s.id = c."subjectId"
      left join "Figure" f on f.id = c."figureId"
     where c.position > ${position}
     order by c.position
     limit ${BATCH}`;
}

/** What was recorded before the log was cut had its entry there; that cannot be told any more. */
async function* figuresWithoutEntry(db: Db): AsyncGenerator<LogDifference, undefined, undefined> {
  for (let last = 0; ; ) {
    const figures = await db.$queryRaw<{ id: number; slug: string; metric: string; period: string }[]>`
      /* figuresWithoutEntry */
      select f.id, s.slug, f.metric::text, f.period
        from "Figure" f
        join "Subject" s on s.id = f."subjectId"
       where f.id > ${last}
         and f."recordedAt" > coalesce(
               (select "prunedAt" + ${CLOCKS_APART_MS}::float8 * interval '1 millisecond' from "ChangeLog"), '-infinity')
         and not exists (
               select 1 from "Change" c where c."figureId" = f.id and c.kind = 'FIGURE' and c.action in ('RECORDED', 'REVISED'))
       order by f.id
       limit ${BATCH}`;
    for (const { id, slug, metric, period } of figures) {
      const about = `figure ${id}: ${slug} ${metric} ${period}`;
      yield { position: null, about, kept: 'no entry in the change log', recomputed: 'an entry' };
    }
    if (figures.length < BATCH) return undefined;
    last = figures.at(-1)?.id ?? last;
  }
}

function gap(before: bigint, next: bigint): LogDifference {
  const position = before + 1n;
  const last = next - 1n;
  const about = `entry ${position}${last > position ? ` to ${last}` : ''} of the change log`;
  return { position, about, kept: 'nothing', recomputed: 'an entry at each position' };
}

function changed({ position, kind, slug, digest }: Link): LogDifference {
  const about = `entry ${position} of the change log, ${kind}${slug === null ? '' : ` about ${slug}`}`;
  const kept = `the digest ${Buffer.from(digest).toString('hex')}`;
  return { position, about, kept, recomputed: 'another: the entry, or what it is about, is not what was written' };
}

function withoutFigure({ position }: Link): LogDifference {
  return { position, about: `entry ${position} of the change log`, kept: 'no figure', recomputed: 'a figure' };
}
