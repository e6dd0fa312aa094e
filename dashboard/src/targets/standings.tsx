import { nameOf } from '../i18n/language.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import type { Standing } from './groups.ts';
import { text } from './messages.ts';
import type { ListedTarget } from './targets-query.ts';

/** How many of its targets each maker has reached and missed. */
export function Standings({ of }: { readonly of: readonly Standing<ListedTarget>[] }) {
  const t = text.value;
  const most = Math.max(1, ...of.map(({ met, missed, running, open }) => met + missed + running + open));
  return (
    <section aria-labelledby="standings">
      <h2 id="standings">{t.standings}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard */}
      <section class="scrolling standings" tabIndex={0} aria-label={`${t.met}, ${t.missed}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t.maker}</th>
              <th scope="col" class="number">
                <span class="up" aria-hidden="true">
                  ✓
                </span>{' '}
                {t.met}
              </th>
              <th scope="col" class="number">
                <span class="down" aria-hidden="true">
                  ✗
                </span>{' '}
                {t.missed}
              </th>
              <th scope="col" class="number">
                {t.running}
              </th>
              <th scope="col" class="number">
                {t.open}
              </th>
              <th scope="col" class="number">
                {t.revised}
              </th>
              <td class="kept" />
            </tr>
          </thead>
          <tbody>
            {of.map((standing) => (
              <Row key={standing.subject.id} of={standing} most={most} />
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">{t.openNote}</p>
    </section>
  );
}

function Row({ of, most }: { readonly of: Standing<ListedTarget>; readonly most: number }) {
  const { subject, met, missed, running, open, revised } = of;
  const parts = [
    ['met', met],
    ['missed', missed],
    ['other', running + open],
  ] as const;
  return (
    <tr>
      <th scope="row">
        <PageLink to={pathOf(subject)}>{nameOf(subject)}</PageLink>
      </th>
      {[met, missed, running, open, revised].map((count, index) => (
        <td key={index} class={count === 0 ? 'number quiet' : 'number'}>
          {count}
        </td>
      ))}
      <td class="kept">
        <span
          class="parts"
          style={{ inlineSize: `${((met + missed + running + open) / most) * 100}%` }}
          aria-hidden="true"
        >
          {parts.map(([name, count]) => count > 0 && <span key={name} class={name} style={{ flexGrow: count }} />)}
        </span>
      </td>
    </tr>
  );
}
