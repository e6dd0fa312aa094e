import { short, whole } from '../format/number.ts';
import { day, period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { Tile } from '../parts/tile.tsx';
import type { Board } from './board-query.ts';
import { nextMillion } from './next-million.ts';
import type { TilesData } from './tiles-query.ts';

/** The state of things in five numbers. */
export function Tiles({
  tiles,
  board,
  today,
}: {
  readonly tiles: TilesData;
  readonly board: Board;
  readonly today: string;
}) {
  const m = messages.value;
  const club = new Set(tiles.club.nodes.map(({ subject }) => subject.id)).size;
  const next = nextMillion([...tiles.brands.nodes, ...tiles.companies.nodes], today);
  // Those without a known day have no place among the others.
  const newest = tiles.newest.nodes.find(({ reachedOn }) => reachedOn !== null);
  return (
    <div class="tiles">
      <Tile name={m.millionClub} value={whole(club)}>
        {m.millionClubNote}
      </Tile>
      <Tile
        name={m.next}
        value={next === null ? '–' : <PageLink to={pathOf(next.subject)}>{nameOf(next.subject)}</PageLink>}
      >
        {next === null
          ? m.nextNobody
          : `${short(next.threshold)}: ${m.nextNote(day(next.earliest ?? today), day(next.latest))}`}
      </Tile>
      <Tile
        name={m.newestMilestone}
        value={newest === undefined ? '–' : <PageLink to={pathOf(newest.subject)}>{nameOf(newest.subject)}</PageLink>}
      >
        {newest !== undefined && `${newest.title}${newest.reachedOn === null ? '' : `, ${day(newest.reachedOn)}`}`}
      </Tile>
      <Tile name={`${m.newestMonth}: ${period(board.period)}`} value={board.total === null ? '–' : whole(board.total)}>
        {m.newestMonthNote}
      </Tile>
      <Tile
        name={m.contradictions}
        value={<PageLink to="/contradictions">{whole(tiles.contradictions.totalCount)}</PageLink>}
      >
        {m.contradictionsNote}
      </Tile>
    </div>
  );
}
