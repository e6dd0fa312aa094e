import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { BOARD } from '../overview/board-query.ts';
import { RoadToMillion } from '../overview/road.tsx';
import { Embed } from './embed.tsx';

/** The road to a million alone, for other pages. */
export function EmbedRoad() {
  const { data, failed } = useLive(BOARD, { period: null, asOf: asOf.value });
  return (
    <Embed page="/" failed={failed} isEmpty={data === null}>
      {data !== null && <RoadToMillion board={data.leaderboard} />}
    </Embed>
  );
}
