import './overview.css';
import { asOf, asOfDay, today } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { messages } from '../i18n/language.ts';
import { useTitle } from '../parts/use-title.ts';
import { BoardTable } from './board.tsx';
import { BOARD } from './board-query.ts';
import { Feed } from './feed.tsx';
import { RoadToMillion } from './road.tsx';
import { Tiles } from './tiles.tsx';
import { TILES } from './tiles-query.ts';

/** The first page: the state of things, the newest month, the road to a million, and what has changed. */
export function Overview() {
  const then = asOf.value;
  const day = asOfDay.value ?? today();
  const board = useLive(BOARD, { period: null, asOf: then });
  const tiles = useLive(TILES, { asOf: then, until: day });
  const failed = board.failed || tiles.failed;
  useTitle(null);
  return (
    <>
      <h1 class="tagline">{messages.value.tagline}</h1>
      {failed && (
        <p role="alert" class="banner">
          {messages.value.failed}
        </p>
      )}
      {board.data === null || tiles.data === null ? (
        <p class="loading" role="status">
          {messages.value.loading}
        </p>
      ) : (
        <>
          <Tiles tiles={tiles.data} board={board.data.leaderboard} today={day} />
          <div class="columns">
            <BoardTable board={board.data.leaderboard} />
            <div>
              <RoadToMillion board={board.data.leaderboard} />
              <Feed />
            </div>
          </div>
        </>
      )}
    </>
  );
}
