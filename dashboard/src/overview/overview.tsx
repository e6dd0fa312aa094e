import './overview.css';
import type { ResultOf } from 'gql.tada';
import { useRef } from 'preact/hooks';
import { asOf, asOfDay, today } from '../api/as-of.ts';
import { changes } from '../api/changes.ts';
import { type Read, useLive } from '../api/use-live.ts';
import { messages } from '../i18n/language.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { useTitle } from '../parts/use-title.ts';
import { BoardTable } from './board.tsx';
import { chosenMonth } from './board-month.ts';
import { BOARD, type Board } from './board-query.ts';
import { Feed } from './feed.tsx';
import { RoadToMillion } from './road.tsx';
import { Tiles } from './tiles.tsx';
import { CLUB, TILES, type TilesData } from './tiles-query.ts';

/** The first page: the state of things, the newest month, the road to a million, and what has changed. */
export function Overview() {
  const then = asOf.value;
  const day = asOfDay.value ?? today();
  const board = useBoard(then);
  const club = useLive(CLUB, { asOf: then, until: day });
  const others = useLive(TILES, { asOf: then });
  const tiles = club.data === null || others.data === null ? null : { ...club.data, ...others.data };
  useTitle(null);
  return (
    <>
      <h1 class="tagline">{messages.value.tagline}</h1>
      <Failure reads={[board, club, others]} />
      <State board={board} tiles={tiles} failed={board.failed || club.failed || others.failed} day={day} />
    </>
  );
}

/** The board of the month that is chosen; until it is there that of the month before it. */
function useBoard(then: string | null): Read<ResultOf<typeof BOARD>> {
  const read = useLive(BOARD, { period: chosenMonth(), asOf: then });
  const last = useRef(read.data);
  if (read.data !== null) last.current = read.data;
  return { ...read, data: read.failed ? read.data : last.current };
}

interface StateProps {
  readonly board: Read<ResultOf<typeof BOARD>>;
  readonly tiles: TilesData | null;
  readonly failed: boolean;
  readonly day: string;
}

function State({ board, tiles, failed, day }: StateProps) {
  if (board.data === null || tiles === null) return failed ? null : <Loading />;
  const { leaderboard } = board.data;
  if (isEmpty(leaderboard, tiles)) return <NothingYet />;
  return (
    <>
      <Tiles tiles={tiles} board={leaderboard} today={day} />
      <div class="columns">
        <BoardTable board={leaderboard} />
        <div>
          <RoadToMillion board={leaderboard} />
          <Feed />
        </div>
      </div>
    </>
  );
}

function isEmpty({ latestPeriod }: Board, { club, newest, contradictions }: TilesData): boolean {
  return latestPeriod === null && club.nodes.length + newest.nodes.length + contradictions.totalCount === 0;
}

/** For a database without figures, or a day before the first of them was known. */
function NothingYet() {
  const m = messages.value;
  const isNow = asOf.value === null;
  return (
    <>
      <section class="tile nothing">
        <h2>{isNow ? m.nothingYet : m.nothingThenTitle}</h2>
        <p>{isNow ? m.nothingYetHow : m.nothingThen}</p>
        {isNow && (
          <p>
            <a href="/graphql">{m.nothingYetLink}</a>
          </p>
        )}
      </section>
      {(changes.value.length > 0 || !isNow) && <Feed />}
    </>
  );
}
