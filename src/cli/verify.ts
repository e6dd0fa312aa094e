import type { Config } from '../config.ts';
import { PATIENT } from '../database/bounds.ts';
import { openDatabase } from '../database/open.ts';
import { verifyDerived } from '../domain/verify.ts';
import type { Logger } from '../logger.ts';

const MOST_SHOWN = 50;

/** Recomputes what is derived from the figures and reports each difference to what is kept; the exit code is 1 when there is any. */
export async function runVerify(config: Config, logger: Logger, say: (line: string) => void): Promise<number> {
  await using database = await openDatabase({ ...config, bounds: PATIENT }, logger);
  const { observations, milestones, differences } = await verifyDerived(database.client);
  for (const { about, kept, recomputed } of differences.slice(0, MOST_SHOWN)) {
    say(`${about}\n  kept:       ${kept}\n  recomputed: ${recomputed}`);
  }
  if (differences.length > MOST_SHOWN) say(`… and ${differences.length - MOST_SHOWN} more`);
  const compared = `${observations} observations and ${milestones} milestones`;
  say(
    differences.length === 0
      ? `Verified ${compared}: all are what the figures amount to.`
      : `Of ${compared}, ${differences.length} differ.`,
  );
  return differences.length === 0 ? 0 : 1;
}
