/** What readiness asks; each check throws or answers false when it fails. */
export type Checks = Readonly<Record<string, () => boolean | Promise<boolean>>>;

/** How long a check may take before it counts as failed. */
const CHECK_MS = 3_000;

/** Each check's outcome by its name, and whether all of them hold. */
export async function runChecks(
  checks: Checks,
): Promise<{ readonly ready: boolean; readonly checks: Record<string, boolean> }> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await holds(check)] as const),
  );
  return { ready: outcomes.every(([, outcome]) => outcome), checks: Object.fromEntries(outcomes) };
}

async function holds(check: () => boolean | Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_MS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    // Why it fails is logged by whoever runs what is checked.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
