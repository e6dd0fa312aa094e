import { useLive } from '../api/use-live.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { useTitle } from '../parts/use-title.ts';
import { NEAREST } from './maker-query.ts';
import { text } from './messages.ts';

/** For an address that names nobody, with those who may have been meant. */
export function Nobody({ slug }: { readonly slug: string }) {
  const t = text.value;
  const m = messages.value;
  const { data } = useLive(NEAREST, { text: slug });
  const nearest = data?.search ?? [];
  useTitle(m.notFound);
  return (
    <>
      <h1>{t.notThere(slug)}</h1>
      {nearest.length > 0 && (
        <>
          <p>{t.didYouMean}</p>
          <ul>
            {nearest.map((one) => (
              <li key={one.id}>
                <PageLink to={pathOf(one)}>{nameOf(one)}</PageLink> <span class="quiet">{t.kinds[one.kind]}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p>
        <PageLink to="/">{m.toOverview}</PageLink>
      </p>
    </>
  );
}
