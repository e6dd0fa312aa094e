import { useEffect, useRef, useState } from 'preact/hooks';
import { useIsNear } from './use-is-near.ts';
import { withoutStyles } from './without-styles.ts';

/** The usual size of the text of a page, in pixels, in which charts are drawn. */
export const BASE = 16;

export interface Drawn {
  /** Whether there is something to draw. */
  readonly ready: boolean;
  /** Draws it anew, so wide. */
  readonly draw: (width: number) => Promise<Element>;
  /** Changes when what is drawn changes. */
  readonly of: string;
}

/** Fills a place with a drawing that is as wide as it, and empties it when there is nothing to draw, so that no other drawing is taken for this one. */
export function useDrawing({ ready, draw, of }: Drawn) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [hasFailed, fail] = useState(false);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  const isNear = useIsNear(place);
  useEffect(() => {
    let isCurrent = true;
    const scale = textScale();
    const show = (drawn: Element | null): void => {
      if (!isCurrent) return;
      if (drawn !== null && scale !== 1) enlarge(drawn);
      // The place has the name; the parts of the drawing say nothing more.
      drawn?.setAttribute('aria-hidden', 'true');
      place.current?.replaceChildren(...(drawn === null ? [] : [drawn]));
      fail(ready && drawn === null);
    };
    if (!ready) show(null);
    else if (isNear && width > 0)
      draw(Math.round(width / scale)).then(
        (drawn) => show(withoutStyles(drawn)),
        () => show(null),
      );
    return () => {
      isCurrent = false;
    };
  }, [ready, isNear, width, of]);
  return { place, hasFailed };
}

/** How many times as large as usual the text of the page is: on a wall, or as the reader has chosen. */
function textScale(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / BASE;
}

/** Lets a drawing fill its place, its text with it. */
function enlarge(drawn: Element): void {
  drawn.setAttribute('width', '100%');
  drawn.setAttribute('height', '100%');
}
