import { shown, whole } from '../format/number.ts';
import { spanOf } from '../format/span.ts';
import { day as dayInWords } from '../format/time.ts';
import { aboutOf } from './claims.ts';
import type { Claimed, Contradiction } from './contradictions-query.ts';
import { lanesOf, type Placed, scaleOf } from './lanes.ts';
import { text } from './messages.ts';
import type { Sum } from './sums.ts';

const DAY_MS = 86_400_000;
const LANE = 30;
/** The line of time with its days. */
const AXIS = 20;
const BAR = 24;
/** Where the text of a bar stands below its top. */
const BASELINE = 16;
/** Where the time ends, in percent of the width: behind it is room for the sums. */
const END = 70;
/** A bar of fewer percent has no room for its number. */
const FITTING = 15;

interface TimeLineProps {
  readonly of: Contradiction;
  readonly sum: Sum<Claimed> | null;
}

/** The periods of the claims on one line of time, what they add up to, and how far that is off. */
export function TimeLine({ of, sum }: TimeLineProps) {
  const dated = of.figures.flatMap((claim) => {
    const span = spanOf(claim.period);
    return span === null ? [] : [{ id: claim.id, claim, span }];
  });
  const scale = scaleOf(
    dated.map(({ span }) => span),
    sum === null ? 100 : END,
  );
  const lanes = lanesOf(dated, sum);
  const aside = new Set(of.setAside.map(({ id }) => id));
  const axis = (Math.max(0, ...lanes.values()) + 1) * LANE;
  const [first, last] = scale.marks;
  return (
    <svg class="diagram" height={axis + AXIS} role="img" aria-label={inWords(of, sum)}>
      {dated.map(({ id, claim, span }) => (
        <Bar key={id} claim={claim} y={(lanes.get(id) ?? 0) * LANE} at={scale.at(span)} isAside={aside.has(id)} />
      ))}
      <line class="axis" x1="0" x2={`${last.x}%`} y1={axis} y2={axis} />
      <Day {...first} y={axis} isLast={false} />
      <Day {...last} y={axis} isLast={true} />
      {sum !== null && <Sums of={sum} y={(lanes.get(sum.parts.at(-1)?.id ?? '') ?? 1) * LANE} />}
    </svg>
  );
}

interface BarProps {
  readonly claim: Claimed;
  readonly y: number;
  readonly at: Placed;
  readonly isAside: boolean;
}

function Bar({ claim, y, at: { x, width }, isAside }: BarProps) {
  return (
    <g>
      <rect
        class={isAside ? 'aside' : 'counted'}
        x={`${x + 0.3}%`}
        y={y + 1}
        width={`${Math.max(width - 0.6, 0.4)}%`}
        height={BAR}
        rx="3"
      />
      {width >= FITTING && (
        <text x={`${x + width / 2}%`} y={y + BASELINE + 1}>
          {shown(claim)}
        </text>
      )}
    </g>
  );
}

/** A day on the line of time. */
function Day({
  x,
  day,
  y,
  isLast,
}: {
  readonly x: number;
  readonly day: number;
  readonly y: number;
  readonly isLast: boolean;
}) {
  return (
    <g class={isLast ? 'day last' : 'day'}>
      <line class="axis" x1={`${x}%`} x2={`${x}%`} y1={y} y2={y + 4} />
      <text x={`${x}%`} y={y + 16}>
        {dayInWords(new Date(day * DAY_MS).toISOString().slice(0, 10))}
      </text>
    </g>
  );
}

/** The whole beside its bar, and below it what the parts come to. */
function Sums({ of: { whole: stated, total }, y }: { readonly of: Sum<Claimed>; readonly y: number }) {
  const x = `${END + 2}%`;
  return (
    <g class="sums">
      <text x={x} y={BASELINE + 1}>
        {shown(stated)}
      </text>
      <text x={x} y={y + BASELINE + 1}>
        = {whole(total)}
      </text>
    </g>
  );
}

/** What the diagram shows, in a sentence. */
export function inWords(of: Contradiction, sum: Sum<Claimed> | null): string {
  const t = text.value;
  const gap = whole(of.gap);
  const say = (claim: Claimed) => `${shown(claim)} (${aboutOf(claim, of)})`;
  if (sum === null) return t.onLine(of.figures.map(say).join('; '), gap);
  return t.sums(sum.parts.map(say).join(' + '), whole(sum.total), aboutOf(sum.whole, of), shown(sum.whole), gap);
}
