import { useEffect } from 'preact/hooks';

const PRODUCT = 'Milepost';

/** Names the page in the tab and the history. Null: the product alone. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    document.title = title === null ? PRODUCT : `${title} · ${PRODUCT}`;
  }, [title]);
}
