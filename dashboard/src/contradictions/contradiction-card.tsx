import { shown, whole } from '../format/number.ts';
import { clock, period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import { contradictionInWords } from '../parts/contradiction-in-words.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { openSource } from '../source/open-source.ts';
import { aboutOf, shareApart, smallShare } from './claims.ts';
import type { Claimed, Contradiction } from './contradictions-query.ts';
import { text } from './messages.ts';
import { sumOf } from './sums.ts';
import { inWords, TimeLine } from './time-line.tsx';
import { ValueLine } from './value-line.tsx';

interface CardProps {
  readonly of: Contradiction;
  /** When it was resolved. */
  readonly resolvedAt?: string;
}

/** A contradiction: what it is about, its diagram, who says what, and why they cannot all be true. */
export function ContradictionCard({ of, resolvedAt }: CardProps) {
  const t = text.value;
  const aside = new Set(of.setAside.map(({ id }) => id));
  const sum = sumOf(of.figures, (id) => aside.has(id));
  const periods = [...new Set(of.figures.map((claim) => claim.period))];
  const share = shareApart(of);
  const latest = of.figures.at(-1)?.period;
  const heading = `contradiction-${of.id}`;
  return (
    <article class="contradiction" aria-labelledby={heading}>
      <h2 id={heading}>
        <PageLink to={pathOf(of.subject)}>{nameOf(of.subject)}</PageLink>
        {latest !== undefined && ` · ${period(latest)}`} · {metricName(of.metric)}
      </h2>
      <p class="quiet">
        {t.kinds[of.kind] ?? of.kind}
        {resolvedAt !== undefined && ` · ${t.resolvedAt(clock(resolvedAt))}`}
      </p>
      <p class="apart">
        <strong>{whole(of.gap)}</strong> {t.apart}
        {share !== null && <span class="quiet"> · {t.share(smallShare(share))}</span>}
      </p>
      {periods.length === 1 ? <ValueLine of={of} /> : <TimeLine of={of} sum={sum} />}
      {sum !== null && <p class="in-words">{inWords(of, sum)}</p>}
      <ClaimTable of={of} aside={aside} hasPeriods={periods.length > 1} />
      {sum === null && <p class="quiet explanation">{contradictionInWords(of)}</p>}
    </article>
  );
}

interface ClaimTableProps {
  readonly of: Contradiction;
  readonly aside: ReadonlySet<string>;
  /** Whether the claims are about several periods. */
  readonly hasPeriods: boolean;
}

function ClaimTable({ of, aside, hasPeriods }: ClaimTableProps) {
  const t = text.value;
  return (
    <table>
      <TableHead columns={[t.publisher, ...(hasPeriods ? [t.period] : []), { number: t.value }]} />
      <tbody>
        {of.figures.map((claim) => (
          <tr key={claim.id} class={aside.has(claim.id) ? 'aside' : ''}>
            <th scope="row">
              {claim.source.publisher.name}
              {aside.has(claim.id) && <span class="tag">{messages.value.setAside}</span>}
            </th>
            {hasPeriods && <td>{aboutOf(claim, of)}</td>}
            <td class="number">
              <ClaimedValue of={claim} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The number of a claim, which opens the sources of what it is about. */
function ClaimedValue({ of }: { readonly of: Claimed }) {
  const number = shown(of);
  const { subject, metric, period: when } = of;
  return (
    <button
      type="button"
      class="value"
      title={messages.value.openSource(number)}
      onClick={() => openSource({ subject: subject.slug, metric, period: when })}
    >
      {number}
    </button>
  );
}
