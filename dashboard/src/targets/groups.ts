import { groupBy } from '../format/group.ts';
import { spanOf } from '../format/span.ts';

/** In the order in which they are shown: first what is decided. */
export const VERDICTS = ['MET', 'MISSED', 'AHEAD', 'ON_TRACK', 'BEHIND', 'UNDETERMINED', 'NO_DATA'] as const;
/** Their time is not over, and there is a pace. */
const RUNNING: readonly Verdict[] = ['AHEAD', 'ON_TRACK', 'BEHIND'];
const YEAR = /^\d{4}/;
const DAY_MS = 86_400_000;

type Verdict = (typeof VERDICTS)[number];

interface Judged {
  readonly kind: string;
  readonly period: string | null;
  readonly deadline: string | null;
  readonly setOn: string | null;
  readonly revises: unknown;
  readonly subject: { readonly id: string; readonly slug: string };
  readonly progress: { readonly verdict: Verdict };
}

export interface Choices {
  readonly maker: string | null;
  readonly kind: string | null;
  readonly verdict: string | null;
}

export interface Year<Target> {
  /** Null: it is about no year. */
  readonly year: number | null;
  readonly verdicts: readonly { readonly verdict: Verdict; readonly targets: readonly Target[] }[];
}

/** How a maker has kept its word. */
export interface Standing<Target> {
  readonly subject: Target extends { readonly subject: infer Subject } ? Subject : never;
  readonly met: number;
  readonly missed: number;
  readonly running: number;
  readonly open: number;
  readonly revised: number;
}

/** The targets that the reader wants to see. */
export function chosenOf<Target extends Judged>(
  all: readonly Target[],
  { maker, kind, verdict }: Choices,
): readonly Target[] {
  return all.filter(
    (target) =>
      (maker === null || target.subject.slug === maker) &&
      (kind === null || target.kind === kind) &&
      (verdict === null || target.progress.verdict === verdict),
  );
}

/** Targets by the year in which they end, the newest first, and by their verdict. */
export function byYear<Target extends Judged>(targets: readonly Target[]): readonly Year<Target>[] {
  const years = [...groupBy(targets, yearOf).entries()].sort(([a], [b]) => (b ?? 0) - (a ?? 0));
  return years.map(([year, ofYear]) => ({
    year,
    verdicts: VERDICTS.flatMap((verdict) => {
      const those = ofYear.filter(({ progress }) => progress.verdict === verdict);
      return those.length === 0 ? [] : [{ verdict, targets: those }];
    }),
  }));
}

/** Of each maker how many targets it met and missed, those with the most decided ones first. */
export function standingsOf<Target extends Judged>(targets: readonly Target[]): readonly Standing<Target>[] {
  const standings = [...groupBy(targets, ({ subject }) => subject.id).values()].map((own) => {
    const count = (isWanted: (verdict: Verdict) => boolean) =>
      own.filter(({ progress }) => isWanted(progress.verdict)).length;
    const met = count((verdict) => verdict === 'MET');
    const missed = count((verdict) => verdict === 'MISSED');
    const running = count((verdict) => RUNNING.includes(verdict));
    return {
      subject: own[0]?.subject as Standing<Target>['subject'],
      met,
      missed,
      running,
      open: own.length - met - missed - running,
      revised: own.filter(({ revises }) => revises !== null).length,
    };
  });
  return standings.sort((a, b) => b.met + b.missed - (a.met + a.missed) || b.met - a.met);
}

/** The year in which a target ends. A growth without a year is about the one after it was set. */
function yearOf({ period, deadline, setOn }: Judged): number | null {
  const last = period === null ? undefined : spanOf(period)?.last;
  if (last !== undefined) return new Date(last * DAY_MS).getUTCFullYear();
  if (deadline !== null) return Number(YEAR.exec(deadline)?.[0]);
  return setOn === null ? null : Number(YEAR.exec(setOn)?.[0]) + 1;
}
