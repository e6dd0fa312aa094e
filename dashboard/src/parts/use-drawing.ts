import { useEffect, useRef, useState } from 'preact/hooks';

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
  useEffect(() => {
    let isCurrent = true;
    const show = (drawn: Element | null): void => {
      if (!isCurrent) return;
      // The place has the name; the parts of the drawing say nothing more.
      drawn?.setAttribute('aria-hidden', 'true');
      place.current?.replaceChildren(...(drawn === null ? [] : [drawn]));
      fail(ready && drawn === null);
    };
    if (!ready) show(null);
    else if (width > 0) draw(width).then(show, () => show(null));
    return () => {
      isCurrent = false;
    };
  }, [ready, width, of]);
  return { place, hasFailed };
}
