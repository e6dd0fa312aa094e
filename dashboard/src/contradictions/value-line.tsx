import { groupBy } from '../format/group.ts';
import { shown, whole } from '../format/number.ts';
import { messages } from '../i18n/language.ts';
import { placeOf, saidBy } from './claims.ts';
import type { Claimed, Contradiction } from './contradictions-query.ts';
import { text } from './messages.ts';

const RADIUS = 5;
const STACKED = 2 * RADIUS + 2;
/** What is above the highest dot and below the line, for the texts. */
const ABOVE = 30;
const BELOW = 42;
const GAP_AT = 20;
/** Where the least and the largest number are, in percent of the width: their texts have room beside them. */
const EDGES = [20, 80] as const;

/** The values that are claimed of one period on a line of values, a dot for each claim, and how far they are apart. */
export function ValueLine({ of }: { readonly of: Contradiction }) {
  const values = [...groupBy(of.figures, placeOf).entries()].sort(([a], [b]) => a - b);
  const least = values[0]?.[0] ?? 0;
  const most = values.at(-1)?.[0] ?? 0;
  const at = (value: number) =>
    most === least ? 50 : EDGES[0] + ((value - least) / (most - least)) * (EDGES[1] - EDGES[0]);
  const base = ABOVE + Math.max(1, ...values.map(([, said]) => said.length)) * STACKED;
  const aside = new Set(of.setAside.map(({ id }) => id));
  const gap = whole(of.gap);
  const label = text.value.onLine(values.map(([, said]) => saidBy(said)).join('; '), gap);
  return (
    <svg class="diagram" height={base + BELOW} role="img" aria-label={label}>
      <line class="axis" x1="4%" x2="96%" y1={base} y2={base} />
      <line class="gap" x1={`${at(least)}%`} x2={`${at(most)}%`} y1={GAP_AT} y2={GAP_AT} />
      {[least, most].map((end) => (
        <line key={end} class="gap end" x1={`${at(end)}%`} x2={`${at(end)}%`} y1={GAP_AT} y2={base} />
      ))}
      <text class="gap-text" x="50%" y={GAP_AT - 6}>
        {gap}
      </text>
      {values.map(([value, said]) => (
        <Claims key={value} x={`${at(value)}%`} y={base} of={said} aside={aside} />
      ))}
    </svg>
  );
}

interface ClaimsProps {
  readonly x: string;
  readonly y: number;
  readonly of: readonly Claimed[];
  readonly aside: ReadonlySet<string>;
}

/** The claims with the same value, one above the other. */
function Claims({ x, y, of, aside }: ClaimsProps) {
  const [first] = of;
  return (
    <g>
      {of.map(({ id }, index) => (
        <circle key={id} class={aside.has(id) ? 'aside' : 'counted'} cx={x} cy={y - index * STACKED} r={RADIUS} />
      ))}
      <text x={x} y={y + 20}>
        {first !== undefined && shown(first)}
      </text>
      {of.every(({ id }) => aside.has(id)) && (
        <text class="aside-text" x={x} y={y + 36}>
          {messages.value.setAside}
        </text>
      )}
    </g>
  );
}
