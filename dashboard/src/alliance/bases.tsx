import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { shown, whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { countOf } from '../i18n/metric-name.ts';
import { readAddress, writeAddress } from '../parts/address.ts';
import { Failure } from '../parts/failure.tsx';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { Value } from '../parts/value.tsx';
import { type Month, TOTALS, type Total } from './alliance-query.ts';
import { sumOf } from './basis-sum.ts';
import { text } from './messages.ts';
import type { StackedMonth } from './stack.ts';

interface BasesProps {
  readonly slug: string;
  readonly months: readonly StackedMonth[];
  readonly metrics: readonly Pick<Month, 'period' | 'metric'>[];
}

/** What the alliance tells of a period beside the sum of its members, on both bases. */
export function Bases({ slug, months, metrics }: BasesProps) {
  const t = text.value;
  const periods = months.map((month) => month.period).reverse();
  const years = [...new Set(periods.map((one) => one.slice(0, 4)))];
  // Where members are known there is something to compare.
  const first = months.findLast(({ parts }) => parts.length > 0)?.period ?? periods[0];
  const asked = readAddress('period');
  const chosen = [...years, ...periods].find((one) => one === asked) ?? first;
  if (chosen === undefined) return null;
  const metric = metrics.find((one) => one.period.startsWith(chosen))?.metric ?? 'DELIVERIES';
  return (
    <section aria-labelledby="bases">
      <div class="section-head">
        <h2 id="bases">{t.bases}</h2>
        <label>
          {t.period}{' '}
          <select
            value={chosen}
            onChange={({ currentTarget }) =>
              writeAddress({ period: currentTarget.value === first ? null : currentTarget.value })
            }
          >
            {[...years, ...periods].map((one) => (
              <option key={one} value={one}>
                {period(one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p class="quiet">{t.basesNote}</p>
      <Totals slug={slug} metric={metric} of={chosen} />
    </section>
  );
}

interface TotalsProps {
  readonly slug: string;
  readonly metric: Month['metric'];
  readonly of: string;
}

function Totals({ slug, metric, of }: TotalsProps) {
  const t = text.value;
  const read = useLive(TOTALS, { slug, metric, period: of, asOf: asOf.value });
  const alliance = read.data?.alliance ?? null;
  if (alliance === null)
    return read.failed ? <Failure reads={[read]} /> : <p role="status">{messages.value.loading}</p>;
  const { observation, asMembers, fullHistory } = alliance;
  const { lower } = sumOf(fullHistory);
  return (
    <>
      <div class="tiles bases">
        <section class="tile" aria-label={t.announced}>
          <h3>{t.announced}</h3>
          <p class="big">{observation === null ? '–' : <Value of={observation} subject={slug} metric={metric} />}</p>
          <p class="quiet">{countOf(period(of), metric)}</p>
        </section>
        <Basis name={t.asMembers} of={asMembers} />
        <Basis name={t.fullHistory} of={fullHistory} />
      </div>
      {observation?.value != null && lower !== null && observation.value > lower && (
        <p class="quiet">{t.unknownRest(whole(observation.value - lower))}</p>
      )}
    </>
  );
}

function Basis({ name, of }: { readonly name: string; readonly of: Total }) {
  const t = text.value;
  const sum = sumOf(of);
  return (
    <section class="tile" aria-label={name}>
      <h3>{name}</h3>
      <p class="big">{shown({ ...sum, qualifier: null })}</p>
      <p class="quiet">
        {of.parts.length === 0 ? t.nobody : t.coverage(whole(of.membersWithData), whole(of.memberCount))}
      </p>
      {of.parts.length > 0 && (
        <details>
          <summary>{t.members}</summary>
          <ul>
            {of.parts.map((part) => (
              <li key={part.id}>
                <PageLink to={pathOf(part.subject)}>{nameOf(part.subject)}</PageLink> {period(part.period)}{' '}
                <Value of={part} subject={part.subject.slug} metric={part.metric} />
              </li>
            ))}
          </ul>
          {of.missing.length > 0 && (
            <p class="quiet">
              {t.missing}: {of.missing.map(period).join(', ')}
            </p>
          )}
        </details>
      )}
    </section>
  );
}
