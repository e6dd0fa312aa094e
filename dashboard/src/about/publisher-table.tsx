import { useEffect, useState } from 'preact/hooks';
import { whole } from '../format/number.ts';
import { messages } from '../i18n/language.ts';
import { type PublisherList, readPublishers } from './publishers.ts';
import { text } from './text.ts';

/** Who published the documents, and how many each. */
export function PublisherTable() {
  const t = text.value.sources;
  const m = messages.value;
  const [list, setList] = useState<PublisherList | 'failed' | null>(null);
  useEffect(() => {
    readPublishers().then(setList, () => setList('failed'));
  }, []);
  if (list === null) return <p role="status">{m.loading}</p>;
  if (list === 'failed') return <p role="alert">{m.failedSource}</p>;
  return (
    <>
      <p>
        {t.count(whole(list.publishers.length), whole(list.documents))}
        {list.documents < list.totalCount && `. ${t.newestOf(whole(list.totalCount))}`}
      </p>
      <details>
        <summary>{t.show}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard */}
        <section class="scrolling" tabIndex={0} aria-label={t.show}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t.publisher}</th>
                <th scope="col">{t.tier}</th>
                <th scope="col" class="number">
                  {t.documents}
                </th>
              </tr>
            </thead>
            <tbody>
              {list.publishers.map(({ id, name, tier, documents }) => (
                <tr key={id}>
                  <th scope="row">{name}</th>
                  <td>
                    {tier} · {m.tiers[tier]}
                  </td>
                  <td class="number">{whole(documents)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </>
  );
}
