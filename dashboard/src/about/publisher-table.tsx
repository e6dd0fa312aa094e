import { useEffect, useState } from 'preact/hooks';
import { whole } from '../format/number.ts';
import { messages } from '../i18n/language.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
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
        <ScrollBox label={t.show}>
          <table>
            <TableHead columns={[t.publisher, t.tier, { number: t.documents }]} />
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
        </ScrollBox>
      </details>
    </>
  );
}
