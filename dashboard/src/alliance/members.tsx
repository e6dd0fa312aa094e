import { day, period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { Value } from '../parts/value.tsx';
import type { Member } from './alliance-query.ts';
import { text } from './messages.ts';

/** The members with who makes them, since when they belong to it, and their newest month. */
export function Members({ of }: { readonly of: readonly Member[] }) {
  const t = text.value;
  return (
    <section aria-labelledby="members">
      <h2 id="members">{t.members}</h2>
      <ScrollBox label={t.newestOfMembers}>
        <table class="members">
          <TableHead columns={[t.brand, t.maker, t.joined, { number: t.newest }, t.source]} />
          <tbody>
            {of.map((member) => (
              <Row key={member.id} member={member} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}

function Row({ member: { brand, company, joinedOn, source } }: { readonly member: Member }) {
  const { latest } = brand;
  return (
    <tr>
      <th scope="row">
        <PageLink to={pathOf(brand)}>{nameOf(brand)}</PageLink>
      </th>
      <td>{company !== null && <PageLink to={pathOf(company)}>{nameOf(company)}</PageLink>}</td>
      <td>{joinedOn === null ? text.value.start : day(joinedOn)}</td>
      <td class="number">
        {latest === null ? (
          '–'
        ) : (
          <>
            <span class="quiet">
              {period(latest.period)} {metricName(latest.metric)}
            </span>{' '}
            <Value of={latest} subject={brand.slug} metric={latest.metric} />
          </>
        )}
      </td>
      <td>
        {source !== null && (source.url === null ? source.title : <a href={source.url}>{source.publisher.name}</a>)}
      </td>
    </tr>
  );
}
