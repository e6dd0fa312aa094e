import { messages } from './i18n/language.ts';
import { PageLink } from './parts/page-link.tsx';
import { useTitle } from './parts/use-title.ts';

/** For an address at which there is nothing. */
export function NotFound() {
  const m = messages.value;
  useTitle(m.notFound);
  return (
    <>
      <h1>{m.notFound}</h1>
      <p>
        <PageLink to="/">{m.toOverview}</PageLink>
      </p>
    </>
  );
}
