import { short, whole } from '../format/number.ts';
import { day, period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { milestoneTitle } from '../parts/milestone-title.ts';
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
  const club = [...new Map(tiles.club.nodes.map(({ subject }) => [subject.id, subject])).values()];
  const month = period(board.period);
  const next = nextMillion([...tiles.brands.nodes, ...tiles.companies.nodes], today);
  // Those without a known day have no place among the others.
  const newest = tiles.newest.nodes.find(({ reachedOn }) => reachedOn !== null);
  return (
    <div class="tiles">
      <Tile name={m.millionClub} value={whole(club.length)}>
        {m.millionClubNote}
        <Members of={club} />
      </Tile>
      <Tile
        name={m.next}
        value={next === null ? '–' : <PageLink to={pathOf(next.subject)}>{nameOf(next.subject)}</PageLink>}
      >
        {next === null
          ? m.nextNobody
          : `${m.nextTo(short(next.threshold))}${m.nextNote(day(next.earliest ?? today), day(next.latest))}`}
      </Tile>
      <Tile
        name={m.newestMilestone}
        value={newest === undefined ? '–' : <PageLink to={pathOf(newest.subject)}>{nameOf(newest.subject)}</PageLink>}
      >
        {newest !== undefined &&
          `${milestoneTitle(newest)}${newest.reachedOn === null ? '' : `, ${day(newest.reachedOn)}`}`}
      </Tile>
      <Tile
        name={board.period === board.latestPeriod ? m.newestMonth(month) : month}
        value={board.total === null ? '–' : whole(board.total)}
      >
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

/** Who is in the club, each with its page. */
function Members({ of }: { readonly of: readonly TilesData['club']['nodes'][number]['subject'][] }) {
  return (
    <details>
      <summary>{messages.value.millionClubWho}</summary>
      <ul class="members-of-club">
        {of.map((subject) => (
          <li key={subject.id}>
            <PageLink to={pathOf(subject)}>{nameOf(subject)}</PageLink>
          </li>
        ))}
      </ul>
    </details>
  );
}
