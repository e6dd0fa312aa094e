import { day, period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { Value } from '../parts/value.tsx';
import type { Member } from './alliance-query.ts';
import { text } from './messages.ts';

/** The members with who makes them, since when they belong to it, and their newest month. */
export function Members({ of }: { readonly of: readonly Member[] }) {
  const t = text.value;
  return (
    <section aria-labelledby="members">
      <h2 id="members">{t.members}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard */}
      <section class="scrolling" tabIndex={0} aria-label={t.newestOfMembers}>
        <table class="members">
          <thead>
            <tr>
              <th scope="col">{t.brand}</th>
              <th scope="col">{t.maker}</th>
              <th scope="col">{t.joined}</th>
              <th scope="col" class="number">
                {t.newest}
              </th>
              <th scope="col">{t.source}</th>
            </tr>
          </thead>
          <tbody>
            {of.map((member) => (
              <Row key={member.id} member={member} />
            ))}
          </tbody>
        </table>
      </section>
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
