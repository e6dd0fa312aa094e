/** The checks of readiness, by name. */
export type Checks = Readonly<Record<string, Check>>;

export interface Check {
  /** Returns false or throws when the check fails. */
  readonly holds: () => boolean | Promise<boolean>;
  /** The check that must hold before this one can run. */
  readonly needs?: string;
}

/** Whether a check holds; null when it could not run because another check failed. */
type Outcome = boolean | null;

/** A check that takes longer than this has failed. */
const CHECK_MS = 3_000;

/** Runs all checks, and returns the outcome of each and whether all hold. */
export async function runChecks(
  checks: Checks,
): Promise<{ readonly ready: boolean; readonly checks: Readonly<Record<string, Outcome>> }> {
  const names = Object.keys(checks);
  const held = new Map(
    await Promise.all(Object.entries(checks).map(async ([name, { holds }]) => [name, await inTime(holds)] as const)),
  );
  const outcomeOf = (name: string): Outcome => {
    const needs = checks[name]?.needs;
    if (held.get(name) === true) return true;
    // Report one cause once.
    return needs !== undefined && held.get(needs) === false ? null : false;
  };
  return {
    ready: names.every((name) => held.get(name) === true),
    checks: Object.fromEntries(names.map((name) => [name, outcomeOf(name)])),
  };
}

async function inTime(holds: Check['holds']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_MS);
  });
  try {
    return await Promise.race([holds(), late]);
  } catch {
    // The part that is checked logs the reason itself.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
