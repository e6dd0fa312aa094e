import { useRef, useState } from 'preact/hooks';

/** Keeps rows in their place while the pointer or the focus is among them; new rows come last, and rows that are gone go. */
export function useSteady<Row>(rows: readonly Row[], keyOf: (row: Row) => string) {
  const [isUnderPointer, setUnderPointer] = useState(false);
  const [hasFocus, setFocus] = useState(false);
  const order = useRef<readonly string[]>([]);
  const placeOf = new Map(order.current.map((key, place) => [key, place]));
  const shown =
    isUnderPointer || hasFocus
      ? [...rows].sort((a, b) => (placeOf.get(keyOf(a)) ?? Infinity) - (placeOf.get(keyOf(b)) ?? Infinity))
      : rows;
  order.current = shown.map(keyOf);
  const hold = {
    onPointerEnter: () => setUnderPointer(true),
    onPointerLeave: () => setUnderPointer(false),
    onFocusIn: () => setFocus(true),
    onFocusOut: () => setFocus(false),
  };
  return { rows: shown, hold };
}
