import { whole } from '../format/number.ts';
import { day } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { milestoneTitle } from '../parts/milestone-title.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import type { Reached } from './maker-query.ts';
import { text } from './messages.ts';
import { dateRange, isTelling, type Span, sinceTheOneBefore, spanInWords } from './milestone-times.ts';

/** A shape for each status, the same as in the charts: full is announced, a ring follows from the numbers. */
const SIGNS: Readonly<Record<Reached['status'], string>> = {
  ANNOUNCED: '●',
  CONFIRMED: '◉',
  DETECTED: '○',
  DISPUTED: '✗',
  EXPECTED: '◌',
  WITHDRAWN: '–',
};

/** What was reached, when, how that is known, and how long it took. */
export function Milestones({ of }: { readonly of: readonly Reached[] }) {
  const t = text.value;
  const spans = sinceTheOneBefore(of);
  const dated = of.filter(({ reachedOn, window }) => dateRange(reachedOn, window) !== null);
  const undated = of.filter((one) => !dated.includes(one));
  return (
    <section aria-labelledby="milestones">
      <h2 id="milestones">{t.milestones}</h2>
      {of.length === 0 && <p class="quiet">{t.noMilestones}</p>}
      <ol class="milestones">
        {dated.map((one) => (
          <Line key={one.id} of={one} sinceBefore={spans.get(one.id)} />
        ))}
      </ol>
      {undated.length > 0 && (
        <details>
          <summary>{t.undated(whole(undated.length))}</summary>
          <ol class="milestones">
            {undated.map((one) => (
              <Line key={one.id} of={one} sinceBefore={undefined} />
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

function Line({ of, sinceBefore }: { readonly of: Reached; readonly sinceBefore: Span | undefined }) {
  const t = text.value;
  const { status, reachedOn, window, model, plant, claims } = of;
  const range = dateRange(reachedOn, window);
  const times = [
    elapsedOf(of),
    sinceBefore === undefined ? null : `${t.sinceBefore}: ${spanInWords(sinceBefore, t, whole)}`,
  ].filter((time) => time !== null);
  const source = claims[0]?.source;
  return (
    <li>
      <span class="sign" aria-hidden="true">
        {SIGNS[status]}
      </span>
      <div>
        <p>
          <strong>{milestoneTitle(of)}</strong>
          {reachedOn !== null && <span> · {day(reachedOn)}</span>}
          {reachedOn === null && range !== null && ` · ${day(range.first)} – ${day(range.last)}`}
        </p>
        <p class="quiet">
          {messages.value.status[status]}
          {source !== undefined && ': '}
          {source !== undefined &&
            (source.url === null ? source.publisher.name : <a href={source.url}>{source.publisher.name}</a>)}
          {[model, plant].map(
            (one) =>
              one !== null && (
                <span key={one.id}>
                  {' · '}
                  <PageLink to={pathOf(one)}>{nameOf(one)}</PageLink>
                </span>
              ),
          )}
        </p>
        {times.length > 0 && <p class="quiet">{times.join(' · ')}</p>}
      </div>
    </li>
  );
}

/** How long it took since the first delivery, or what its source counts from. */
function elapsedOf({ elapsed, kind }: Reached): string | null {
  const t = text.value;
  if (elapsed === null || kind === 'FIRST_DELIVERY') return null;
  const { since, sinceWhat, totalDaysMin: least, totalDaysMax: most, months, days, stated } = elapsed;
  const from = sinceWhat === 'FIRST_DELIVERY' ? t.sinceFirst : t.sinceOther;
  const start = since === null ? from : `${from} (${day(since)})`;
  if (least !== null && most !== null)
    return isTelling({ least, most }) ? `${start}: ${spanInWords({ least, most }, t, whole)}` : null;
  const parts = [
    months === null || months === 0 ? '' : t.months(whole(months), months === 1),
    days === null || days === 0 ? '' : t.dayCount(whole(days), days === 1),
  ].filter((part) => part !== '');
  return parts.length === 0 ? null : `${start}: ${parts.join(' ')}${stated ? `, ${t.stated}` : ''}`;
}
