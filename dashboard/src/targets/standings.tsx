import { nameOf } from '../i18n/language.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
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
      <ScrollBox class="standings" label={`${t.met}, ${t.missed}`}>
        <table>
          <TableHead
            columns={[
              t.maker,
              { number: <Signed sign="✓" colour="up" words={t.met} /> },
              { number: <Signed sign="✗" colour="down" words={t.missed} /> },
              { number: t.running },
              { number: t.open },
              { number: t.revised },
            ]}
          >
            <td class="kept" />
          </TableHead>
          <tbody>
            {of.map((standing) => (
              <Row key={standing.subject.id} of={standing} most={most} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p class="quiet">{t.openNote}</p>
    </section>
  );
}

function Signed({ sign, colour, words }: { readonly sign: string; readonly colour: string; readonly words: string }) {
  return (
    <>
      <span class={colour} aria-hidden="true">
        {sign}
      </span>{' '}
      {words}
    </>
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
