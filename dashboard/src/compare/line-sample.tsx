import { COLOURS, DASHES } from '../parts/palette.ts';

/** A piece of a line of the chart, beside the name that it belongs to. */
export function LineSample({ index }: { readonly index: number }) {
  return (
    <svg class="sample" width="20" height="8" aria-hidden="true">
      <line x1="0" x2="20" y1="4" y2="4" stroke-width="2.5" stroke={COLOURS[index]} stroke-dasharray={DASHES[index]} />
    </svg>
  );
}
