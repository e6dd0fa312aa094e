import { whole } from '../format/number.ts';
import { day } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
import type { Maker } from './maker-query.ts';
import { text } from './messages.ts';
import { type Tally, tally } from './publishers.ts';

/** How many publishers are shown without opening the others. */
const SHOWN = 8;

/** Who said most of what is known, and what was said last. */
export function Sources({ maker }: { readonly maker: Maker }) {
  const t = text.value;
  const { totalCount, nodes } = maker.figures;
  const all = tally(nodes);
  return (
    <section aria-labelledby="sources">
      <h2 id="sources">{t.sources}</h2>
      {nodes.length === 0 ? (
        <p class="quiet">{t.noSources}</p>
      ) : (
        <>
          <p class="quiet">{t.sourcesNote(whole(nodes.length), whole(totalCount))}</p>
          <Table of={all.slice(0, SHOWN)} />
          {all.length > SHOWN && (
            <details>
              <summary>{t.otherPublishers(whole(all.length - SHOWN))}</summary>
              <Table of={all.slice(SHOWN)} />
            </details>
          )}
        </>
      )}
    </section>
  );
}

function Table({ of }: { readonly of: readonly Tally[] }) {
  const t = text.value;
  return (
    <ScrollBox label={t.publishers}>
      <table class="sources">
        <TableHead columns={[t.publisher, t.tier, { number: t.claims }, t.newest]} />
        <tbody>
          {of.map(({ publisher, claims, newest }) => (
            <tr key={publisher.id}>
              <th scope="row">{publisher.name}</th>
              <td>{messages.value.tiers[publisher.tier]}</td>
              <td class="number">{whole(claims)}</td>
              <td>
                {newest.url === null ? newest.title : <a href={newest.url}>{newest.title}</a>}
                {newest.publishedOn !== null && <span class="quiet"> {day(newest.publishedOn)}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
