import { whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { text } from './messages.ts';
import { monthsOf, type Row } from './rows.ts';
import { sizeOf } from './sort-rows.ts';
import { pathOf } from './sparkline-path.ts';

const WIDTH = 96;
const HEIGHT = 22;
/** Half of the line's width, which would be cut off at the edges. */
const EDGE = 2;

/** The months of the year and of the one before, which is paler, as a line from zero to the largest. */
export function Sparkline({ row: { before, months }, year }: { readonly row: Row; readonly year: number }) {
  const values = [...before, ...months].map(sizeOf);
  const known = values.filter((value) => value !== null);
  const largest = Math.max(...known);
  if (known.length === 0 || largest <= 0) return null;
  const box = { width: WIDTH, height: HEIGHT, largest };
  const ends = [monthsOf(year - 1).at(0) ?? '', monthsOf(year).at(-1) ?? ''].map(period) as [string, string];
  const words = text.value.trendText(...ends, known.length, whole(Math.min(...known)), whole(largest));
  const last = values.findLastIndex((value) => value !== null);
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={words}
      width={WIDTH + 2 * EDGE}
      height={HEIGHT + 2 * EDGE}
      viewBox={`${-EDGE} ${-EDGE} ${WIDTH + 2 * EDGE} ${HEIGHT + 2 * EDGE}`}
    >
      <title>{words}</title>
      <path class="ground" d={`M0 ${HEIGHT}H${WIDTH}`} />
      <path class="before" d={pathOf(values.slice(0, before.length), 0, { ...box, width: WIDTH * (11 / 23) })} />
      <path d={pathOf(values, before.length - (values[before.length] === null ? 0 : 1), box)} />
      <path class="last" d={pathOf(values, last, box)} />
    </svg>
  );
}
