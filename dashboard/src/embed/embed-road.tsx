import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { BOARD } from '../overview/board-query.ts';
import { RoadToMillion } from '../overview/road.tsx';
import { Embed } from './embed.tsx';

/** The road to a million alone, for other pages. */
export function EmbedRoad() {
  const read = useLive(BOARD, { period: null, asOf: asOf.value });
  return (
    <Embed page="/" read={read}>
      {read.data !== null && <RoadToMillion board={read.data.leaderboard} />}
    </Embed>
  );
}
