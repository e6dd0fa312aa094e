import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** How far from the view is near, so that a chart is there when a reader comes to it. */
const NEAR = '300px';
/** What is never near is drawn so long after all the same, in milliseconds: the page can be printed. */
const AT_LAST = 8_000;

/** Whether a place has been near to what is in view: what costs time is put off until then, most of all on a phone. */
export function useIsNear(place: RefObject<Element>): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (isNear || place.current === null) return undefined;
    const come = (): void => setNear(true);
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) come();
      },
      { rootMargin: NEAR },
    );
    observer.observe(place.current);
    const timer = setTimeout(come, AT_LAST);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
    };
  }, [isNear]);
  return isNear;
}
