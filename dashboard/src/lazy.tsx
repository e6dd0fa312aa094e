import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Broken } from './parts/broken.tsx';
import { Loading } from './parts/loading.tsx';

/** A page in a file of its own, which is loaded when it is opened first. */
export type Load = () => Promise<ComponentType>;

/** The page once it is loaded. If the server has a newer build, whose files have other names, the browser loads that. */
export function Lazy({ load }: { readonly load: Load }) {
  const [Page, show] = useState<ComponentType | null>(null);
  const [hasFailed, fail] = useState(false);
  useEffect(() => {
    load().then(
      (page) => show(() => page),
      async () => {
        if (await isOutdated()) location.reload();
        else fail(true);
      },
    );
  }, [load]);
  if (Page !== null) return <Page />;
  return hasFailed ? <Broken /> : <Loading />;
}

/** Whether the server does not have this very file any more. */
async function isOutdated(): Promise<boolean> {
  try {
    const { status } = await fetch(import.meta.url, { method: 'HEAD', cache: 'no-store' });
    return status === 404;
  } catch {
    // It does not answer, so nothing can be said.
    return false;
  }
}
