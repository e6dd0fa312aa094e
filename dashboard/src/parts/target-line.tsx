import type { ComponentChildren } from 'preact';
import { growth, shareOf, shown, whole } from '../format/number.ts';
import { day, period } from '../format/time.ts';
import { countOf, metricName } from '../i18n/metric-name.ts';
import { Bullet } from './bullet.tsx';
import { text } from './bullet-messages.ts';
import { bulletNumbers } from './bullet-scale.ts';
import type { Aimed } from './target-query.ts';

type Verdict = Aimed['progress']['verdict'];

/** A shape for each verdict beside its word, and whether it is good or bad news. */
const SIGNS: Readonly<Record<Verdict, readonly [sign: string, colour: string]>> = {
  MET: ['✓', 'up'],
  AHEAD: ['▲', 'up'],
  ON_TRACK: ['●', ''],
  BEHIND: ['▼', 'down'],
  MISSED: ['✗', 'down'],
  NO_DATA: ['–', 'quiet'],
  UNDETERMINED: ['?', 'quiet'],
};

/** A target: what it aims at, the verdict in words, its bar, and the numbers of it. The children come before the aim, such as the maker's name. */
export function TargetLine({ of, children }: { readonly of: Aimed; readonly children?: ComponentChildren }) {
  const t = text.value;
  const { progress, revises, source, note } = of;
  const numbers = bulletNumbers(of);
  return (
    <li class="target-line">
      <p class="aims">
        <span>
          {children} <span class="quiet">{whenOf(of)}</span> {t.kinds[of.kind]} <strong>{aimInWords(of)}</strong>
          {revises !== null && <span class="quiet"> ({t.revised(aimInWords({ ...of, ...revises }))})</span>}
        </span>
        <VerdictInWords of={progress.verdict} />
      </p>
      {numbers !== null && progress.ratio !== null && (
        <Bullet of={numbers} label={t.shareReached(shareOf(progress.ratio))} />
      )}
      <p class="quiet">{factsOf(of).join(' · ')}</p>
      <p class="quiet">
        {source.url === null ? source.publisher.name : <a href={source.url}>{source.publisher.name}</a>}
        {source.publishedOn !== null && `, ${day(source.publishedOn)}`}
        {note !== null && ` · ${note}`}
      </p>
    </li>
  );
}

/** The verdict with its sign. */
function VerdictInWords({ of }: { readonly of: Verdict }) {
  const [sign, colour] = SIGNS[of];
  return (
    <span class={`verdict ${colour}`}>
      <span aria-hidden="true">{sign}</span> {text.value.verdicts[of]}
    </span>
  );
}

/** What a target aims at: a number, a range, or growth. */
function aimInWords(
  target: Pick<Aimed, 'metric' | 'value' | 'lower' | 'upper' | 'growthMinPercent' | 'growthMaxPercent'>,
): string {
  const { metric, value, lower, upper, growthMinPercent: min, growthMaxPercent: max } = target;
  const t = text.value;
  if (min !== null) {
    const range = max === null || max === min ? growth(min) : `${growth(min)} – ${growth(max)}`;
    return t.aYear(metricName(metric), range);
  }
  const isOpen = value === null && upper === null && lower !== null;
  const number = isOpen ? t.atLeast(whole(lower)) : shown({ value, lower, upper, qualifier: 'EXACT' });
  return countOf(number, metric);
}

function whenOf({ period: of, deadline }: Aimed): string {
  if (of !== null) return period(of);
  return deadline === null ? '' : text.value.by(day(deadline));
}

/** The numbers of the progress, each in a few words; what is not known is left out. */
function factsOf(target: Aimed): readonly string[] {
  const t = text.value;
  const { achieved, lower, upper, dataUntil, metric, projected, projectedOn, requiredPerMonth } = target.progress;
  if (dataUntil === null) return [t.notReached];
  const numbers = bulletNumbers(target);
  const reached = shown({ value: upper === lower ? achieved : null, lower, upper, qualifier: 'EXACT' });
  const facts = [t.reachedNumber(countOf(reached, metric), day(dataUntil))];
  if (numbers === null) facts.push(t.unknownBase);
  if (isOpen(target) && numbers?.due != null) facts.push(t.dueNumber(whole(Math.round(numbers.due))));
  if (projected !== null) {
    const { value } = projected;
    const isExact = projected.lower === value && projected.upper === value;
    const bounds = shown({ ...projected, value: null, qualifier: null });
    facts.push(t.projectedNumber(whole(value), isExact ? null : bounds));
  }
  if (projectedOn !== null) facts.push(t.projectedOn(day(projectedOn)));
  if (requiredPerMonth !== null && requiredPerMonth > 0) facts.push(t.perMonth(whole(Math.ceil(requiredPerMonth))));
  return facts;
}

/** Whether the target can still be reached. */
function isOpen({ progress: { verdict } }: Aimed): boolean {
  return verdict === 'AHEAD' || verdict === 'BEHIND' || verdict === 'ON_TRACK' || verdict === 'UNDETERMINED';
}
