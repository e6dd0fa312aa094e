import type { ClaimRank } from '../../database/generated/client.ts';
import { reportAll, type Verification } from './verification.ts';

/** Number of differing figures in memory at a time. */
const PAGE = 5_000;

interface Differing {
  readonly id: number;
  readonly about: string;
  readonly rank: ClaimRank;
  readonly rankReason: string | null;
  readonly lastRank: ClaimRank;
  readonly lastReason: string | null;
}

/** Compares the present rank of every figure with the last one that it was given. Neither is derived from the other, so nothing is repaired. */
export async function verifyRanks(verification: Verification): Promise<void> {
  for (let last = 0; ; ) {
    const differing = await readDiffering(verification, last);
    reportAll(
      verification,
      differing.map(({ id, about, rank, rankReason, lastRank, lastReason }) => ({
        about: `${about}, the rank of figure ${id}`,
        kept: shown(rank, rankReason),
        recomputed: `the last rank that was given: ${shown(lastRank, lastReason)}`,
      })),
    );
    if (differing.length < PAGE) return;
    last = differing.at(-1)?.id ?? last;
  }
}

/** A figure that was never given a rank is NORMAL, without a reason. */
function readDiffering({ db }: Verification, after: number): Promise<readonly Differing[]> {
  return db.$queryRaw<Differing[]>`
    /* readRanks */
    select f.id, concat_ws(' ', s.slug, f.metric, f.period) as about, f.rank::text, f."rankReason",
           coalesce(r.rank::text, 'NORMAL') as "lastRank", r.reason as "lastReason"
      from "Figure" f
      join "Subject" s on s.id = f."subjectId"
      left join (select distinct on ("figureId") "figureId", rank, reason
                   from "FigureRank"
                  order by "figureId", id desc) r on r."figureId" = f.id
     where f.id > ${after}::int
       and (f.rank::text <> coalesce(r.rank::text, 'NORMAL') or f."rankReason" is distinct from r.reason)
     order by f.id
     limit ${PAGE}`;
}

function shown(rank: ClaimRank, reason: string | null): string {
  return reason === null ? rank : `${rank}: ${reason}`;
}
