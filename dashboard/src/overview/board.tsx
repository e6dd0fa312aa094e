import { Fragment } from 'preact';
import { monthsBefore } from '../format/months-before.ts';
import { shareOf } from '../format/number.ts';
import { period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { Change, directionOf } from '../parts/change.tsx';
import { Choice } from '../parts/choice.tsx';
import { Legend } from '../parts/legend.tsx';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { useSteady } from '../parts/use-steady.ts';
import { Value } from '../parts/value.tsx';
import { chosenMonth, MONTH } from './board-month.ts';
import type { Board, Entry } from './board-query.ts';

/** The board of a month, as the trade prints it: who delivered how many, who moved, and who has not reported. */
export function BoardTable({ board }: { readonly board: Board }) {
  const m = messages.value;
  const { latestPeriod } = board;
  const known = board.entries.length;
  const { rows, hold } = useSteady(board.entries, (entry) => entry.subject.id);
  const largest = Math.max(...rows.map(({ observation: { value, lower } }) => value ?? lower ?? 0), 1);
  return (
    <section aria-labelledby="board">
      <div class="section-head">
        <h2 id="board">{m.board(period(board.period))}</h2>
        {latestPeriod !== null && (
          <Choice
            name={MONTH}
            label={m.month}
            unset={period(latestPeriod)}
            chosen={chosenMonth()}
            options={monthsBefore(latestPeriod).map((month) => [month, period(month)])}
          />
        )}
      </div>
      <p class="quiet">{m.boardNote(known, known + board.missing.length)}</p>
      <ScrollBox label={m.vehicles}>
        <table class="board" {...hold}>
          <thead>
            <tr>
              <th scope="col" class="number">
                {m.rank}
              </th>
              <th scope="col">{m.maker}</th>
              <th scope="col" class="number">
                {m.vehicles}
              </th>
              <th scope="col" class="bars">
                <span class="hidden">{m.share}</span>
              </th>
              <th scope="col" class="number">
                {m.monthBefore}
              </th>
              <th scope="col" class="number">
                {m.yearBefore}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((entry) => (
              <Row key={entry.subject.id} entry={entry} largest={largest} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {board.missing.length > 0 && (
        <p class="missing">
          <strong>{m.missing}</strong>{' '}
          {board.missing.map((subject, index) => (
            <Fragment key={subject.id}>
              {index > 0 && ', '}
              <PageLink to={pathOf(subject)}>{nameOf(subject)}</PageLink>
            </Fragment>
          ))}
        </p>
      )}
      <Legend />
    </section>
  );
}

function Row({ entry, largest }: { readonly entry: Entry; readonly largest: number }) {
  const m = messages.value;
  const { observation, metric, rank, subject } = entry;
  const size = observation.value ?? observation.lower ?? 0;
  return (
    <tr>
      <td class="number">
        {rank} <Moved entry={entry} />
      </td>
      <th scope="row">
        <PageLink to={pathOf(subject)}>{nameOf(subject)}</PageLink>
        {metric !== 'DELIVERIES' && <span class="quiet metric"> {m.metrics[metric] ?? metric}</span>}
      </th>
      <td class="number">
        <Value of={observation} subject={subject.slug} metric={metric} />
      </td>
      <td class="bars" title={shareOf(entry.share)}>
        <span class="bar" style={{ inlineSize: `${(size / largest) * 100}%` }} />
        <span class="hidden">{shareOf(entry.share)}</span>
      </td>
      <td class="number">
        <Change of={observation.monthBefore?.percent} />
      </td>
      <td class="number">
        <Change of={observation.yearBefore?.percent} />
        {observation.yearBefore?.acrossBreak === true && <abbr title={m.acrossBreak}>*</abbr>}
      </td>
    </tr>
  );
}

/** How many places a maker has gained or lost. */
function Moved({ entry: { rank, previousRank } }: { readonly entry: Entry }) {
  if (previousRank === null) return null;
  const places = previousRank - rank;
  const sign = places === 0 ? '=' : `${places > 0 ? '▲' : '▼'}${Math.abs(places)}`;
  return (
    <span class={places === 0 ? 'quiet moved' : `moved ${directionOf(places)}`}>
      <span aria-hidden="true">{sign}</span>
      <span class="hidden">{messages.value.moved(places)}</span>
    </span>
  );
}
