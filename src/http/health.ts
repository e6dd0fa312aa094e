/** The checks of readiness, by name. */
export type Checks = Readonly<Record<string, Check>>;

export interface Check {
  /** Returns false or throws when the check fails. One that asks the database is asked at most once a second, however many ask for it. */
  readonly holds: () => boolean | Promise<boolean>;
  /** The check that must hold before this one can run. */
  readonly needs?: string;
  /** Whether it is only told: without it the server can still answer, and is ready. */
  readonly isOnlyTold?: true;
}

/** Whether a check holds; null when it could not run because another check failed. */
type Outcome = boolean | null;

export interface Report {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Outcome>>;
}

/** Tells whether the server can answer, within a second. */
export type Readiness = () => Promise<Report>;

/** Nobody waits longer for a check. With it an answer takes less than a second. */
const CHECK_MS = 800;
/** A check that is late has its last outcome for so long: a busy moment must not take an instance out. Then it has failed. */
const LATE_MS = 4_000;
/** How long the outcome of a check that asks somebody else is told. */
const KEPT_MS = 1_000;

/** Runs the checks when it is asked. What they ask of the database does not grow with the number of those who ask. */
export function createReadiness(checks: Checks): Readiness {
  const names = Object.keys(checks);
  const askers = new Map(Object.entries(checks).map(([name, { holds }]) => [name, keepAnswer(holds)]));
  return async () => {
    const held = new Map(await Promise.all([...askers].map(async ([name, ask]) => [name, await ask()] as const)));
    const outcomeOf = (name: string): Outcome => {
      const needs = checks[name]?.needs;
      if (held.get(name) === true) return true;
      // Report one cause once.
      return needs !== undefined && held.get(needs) === false ? null : false;
    };
    return {
      ready: names.every((name) => checks[name]?.isOnlyTold === true || held.get(name) === true),
      checks: Object.fromEntries(names.map((name) => [name, outcomeOf(name)])),
    };
  };
}

/**
 * Shares what is asked, and its answer for a second. What is known at once is not kept. While an answer is late nothing more is asked:
 * questions to a database that hangs would take all its connections.
 */
function keepAnswer(holds: Check['holds']): () => boolean | Promise<boolean> {
  let underWay: Promise<boolean> | null = null;
  let beganAt = 0;
  let kept = { outcome: false, at: Number.NEGATIVE_INFINITY };
  const settle = (outcome: boolean): boolean => {
    underWay = null;
    kept = { outcome, at: performance.now() };
    return outcome;
  };
  const whileLate = (): boolean => kept.outcome && performance.now() - kept.at < LATE_MS;
  return () => {
    if (underWay !== null) return beforeLate(underWay, beganAt + CHECK_MS, whileLate);
    if (performance.now() - kept.at < KEPT_MS) return kept.outcome;
    let answer: boolean | Promise<boolean>;
    try {
      answer = holds();
    } catch {
      return false;
    }
    if (typeof answer === 'boolean') return answer;
    beganAt = performance.now();
    // The part that is checked logs the reason itself.
    underWay = answer.then(settle, () => settle(false));
    return beforeLate(underWay, beganAt + CHECK_MS, whileLate);
  };
}

async function beforeLate(answer: Promise<boolean>, lateAt: number, whileLate: () => boolean): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(whileLate()), lateAt - performance.now());
  });
  const outcome = await Promise.race([answer, late]);
  clearTimeout(timer);
  return outcome;
}
