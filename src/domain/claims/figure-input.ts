import type { ClaimRank, Figure, Metric } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { type Named, readNamed } from '../catalog/named.ts';
import { addUnknownSource } from '../catalog/sources.ts';
import { matchSlugs } from '../catalog/subjects.ts';
import { dayOf, startOfDay } from '../values/calendar.ts';
import { boundsOf } from '../values/interval.ts';
import { PERIOD_FORMATS, type Period, parsePeriod } from '../values/period.ts';
import type { Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';
import { UNPUBLISHED, WITHOUT_VALUE } from './figure-sorts.ts';
import { checkValue, type StatedValue } from './figure-value.ts';
import { type Slot, slotKey } from './slot.ts';

const MAX_NOTE = 2_000;

/** A source's claim about a slot. */
export interface FigureInput extends StatedValue {
  readonly subject: string;
  readonly metric: Metric;
  readonly period: string;
  readonly within?: string | null | undefined;
  /** The source's row; null for an unknown id. */
  readonly sourceId: number | null;
  readonly attributedTo?: string | null | undefined;
  readonly note?: string | null | undefined;
  /** Whether it begins a redefined series. */
  readonly breaks?: boolean | null | undefined;
  /** Records an implausible value, or one for a period that had not ended at the publication, all the same. */
  readonly acknowledgeOutlier?: boolean | null | undefined;
  /** The editors' weight, if it is not the default. */
  readonly rank?: ClaimRank;
  readonly rankReason?: string;
}

/** A claim as it was sent, and the collector for its problems. */
export interface Sent {
  readonly input: FigureInput;
  readonly problems: Problems;
}

/** A figure before it has an id. */
export type NewFigure = Omit<Figure, 'id' | 'claimKey'> & { readonly claimKey: string };

/** A parsed claim, ready to be written. */
export interface Draft {
  readonly data: NewFigure;
  readonly problems: Problems;
  /** Whether the sender confirmed an unusual magnitude or period. */
  readonly acknowledged: boolean;
  readonly period: Period;
  /** When its source was published; null: not known. */
  readonly publishedOn: Date | null;
}

type NamedSubject = Named['subjects'][number];

/** Checks claims and prepares them for writing. The problems of each claim are noted at its place. */
export async function parseFigures(db: Db, sent: readonly Sent[], now: Date): Promise<readonly Draft[]> {
  const wanted = sent.flatMap(({ input, problems }) => [
    { slug: input.subject, problems, path: 'subject' },
    ...(input.within == null ? [] : [{ slug: input.within, problems, path: 'within' }]),
  ]);
  const named = await readNamed(
    db,
    wanted.map(({ slug }) => slug),
    sent.flatMap(({ input }) => input.sourceId ?? []),
  );
  const subjects = await matchSlugs(db, wanted, named.subjects);
  const sources = new Map(named.sources.map((source) => [source.id, source]));
  return sent.flatMap(({ input, problems }) => {
    const before = problems.count;
    const period = checkPeriod(problems, input.period, now);
    const source = input.sourceId === null ? undefined : sources.get(input.sourceId);
    if (source === undefined) addUnknownSource(problems);
    checkWithin(problems, input, subjects);
    checkValue(problems, input.metric, input);
    checkText(problems, 'note', input.note, MAX_NOTE);
    checkText(problems, 'attributedTo', input.attributedTo, MAX_NOTE);
    const subject = subjects.get(input.subject);
    const within = input.within == null ? null : subjects.get(input.within);
    if (problems.count > before || period === null) return [];
    if (source === undefined || subject === undefined || within === undefined) return [];
    return [
      {
        problems,
        acknowledged: input.acknowledgeOutlier ?? false,
        period,
        publishedOn: source.publishedOn,
        data: draftOf(input, subject, within, period, source, now),
      },
    ];
  });
}

function draftOf(
  input: FigureInput,
  subject: NamedSubject,
  within: NamedSubject | null,
  period: Period,
  source: { readonly id: number; readonly publishedOn: Date | null },
  now: Date,
): Draft['data'] {
  const value = input.value ?? null;
  const { lower, upper } = boundsOf(input.qualifier, value, { lower: input.lower ?? null, upper: input.upper ?? null });
  return {
    subjectId: subject.id,
    metric: input.metric,
    period: period.text,
    periodStart: period.start === null ? null : new Date(period.start),
    periodEnd: new Date(period.end),
    publishedSort: source.publishedOn ?? UNPUBLISHED,
    withinId: within?.id ?? null,
    value,
    lower,
    upper,
    qualifier: input.qualifier,
    statedChangePercent: input.statedChangePercent ?? null,
    sourceId: source.id,
    attributedTo: input.attributedTo ?? null,
    note: input.note ?? null,
    breaks: input.breaks ?? false,
    rank: input.rank ?? 'NORMAL',
    rankReason: input.rankReason ?? null,
    action: 'RECORDED',
    reason: null,
    revisesId: null,
    recordedAt: now,
    knownFrom: knownFrom(source.publishedOn, now),
    knownUntil: null,
    valueSort: value ?? WITHOUT_VALUE,
    claimKey: claimKeyOf({
      sourceId: source.id,
      subjectId: subject.id,
      metric: input.metric,
      period: period.text,
      withinId: within?.id ?? null,
    }),
  };
}

/** The key of source and slot: a source has one current claim about a slot. */
export function claimKeyOf(claim: Slot & { readonly sourceId: number }): string {
  return `${claim.sourceId}|${slotKey(claim)}`;
}

/** The start of the publication day in Shanghai; the time of recording if that is earlier, or no day is known. */
export function knownFrom(publishedOn: Date | null, recordedAt: Date): Date {
  if (publishedOn === null) return recordedAt;
  const published = startOfDay(publishedOn.toISOString().slice(0, 10));
  return published < recordedAt ? published : recordedAt;
}

/** Whether a figure was current at an instant, or is now without one. */
export function isCurrent(figure: Pick<Figure, 'knownFrom' | 'knownUntil' | 'claimKey'>, asOf: Date | null): boolean {
  if (asOf === null) return figure.claimKey !== null;
  return figure.knownFrom <= asOf && (figure.knownUntil === null || asOf < figure.knownUntil);
}

function checkPeriod(problems: Problems, text: string, now: Date): Period | null {
  const period = parsePeriod(text);
  const today = dayOf(now);
  if (period === null) {
    problems.add('INVALID_PERIOD', 'period', `"${text}" is not a period; write ${PERIOD_FORMATS}.`);
  } else if (period.kind === 'DAY' || period.kind === 'TO_DATE' ? period.end > today : period.end >= today) {
    problems.add('FUTURE_PERIOD', 'period', `${period.text} has not ended yet.`);
  }
  return period;
}

function checkWithin(problems: Problems, input: FigureInput, subjects: ReadonlyMap<string, NamedSubject>): void {
  if (input.within == null) {
    if (input.metric === 'MARKET_SHARE')
      problems.add('INVALID_INPUT', 'within', 'A market share needs the market it is a share of.');
    return;
  }
  const market = subjects.get(input.within);
  if (market !== undefined && market.kind !== 'MARKET') {
    problems.add('INVALID_INPUT', 'within', `"${input.within}" is a ${market.kind}, not a market.`);
  }
}
