/** What readiness asks. */
export type Checks = Readonly<Record<string, Check>>;

export interface Check {
  /** Throws or answers false when it fails. */
  readonly holds: () => boolean | Promise<boolean>;
  /** The check without which this one cannot be looked at. */
  readonly needs?: string;
}

/** Whether a check holds; null: it could not be looked at, because another fails. */
type Outcome = boolean | null;

/** How long a check may take before it counts as failed. */
const CHECK_MS = 3_000;

/** Each check's outcome by its name, and whether all of them hold. */
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
    // One cause is named once.
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
    // Why it fails is logged by whoever runs what is checked.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
