import type { Config } from '../config.ts';
import { VERIFYING } from '../database/bounds.ts';
import type { Database } from '../database/handle.ts';
import type { Compared, ReportedDifference } from '../domain/verify/verification.ts';
import { verifyDatabase } from '../domain/verify/verify.ts';
import type { Logger } from '../logger.ts';
import { openExisting } from './existing.ts';
import type { Output } from './output.ts';

export const VERIFY_USAGE = `milepost verify [--repair]
                   compare the figures with the log, recompute what is derived from them, and report differences;
                   with --repair also rewrite them. Ends with 0 when nothing differs any more, 1 when something does
                   or nothing could be compared, 2 when the command cannot be understood`;

const MOST_SHOWN = 50;

/**
 * Verifies the database and reports each difference; with repair it also rewrites derived data. The exit code is 1 when differences are
 * left.
 */
export async function runVerify(config: Config, logger: Logger, output: Output, repair: boolean): Promise<number> {
  await using database = await openExisting(config, logger, VERIFYING);
  return (await printVerification(database, output, repair)) === 'verified' ? 0 : 1;
}

/** What came out: nothing differs any more, something does, or there is nothing to compare. */
type Verification = 'verified' | 'differs' | 'empty';

/** Verifies an open database and prints each difference. */
export async function printVerification(database: Database, { print }: Output, repair: boolean): Promise<Verification> {
  let found = 0;
  let repaired = 0;
  const report = (difference: ReportedDifference): void => {
    found += 1;
    if (difference.repaired) repaired += 1;
    if (found <= MOST_SHOWN) print(shown(difference, repair));
  };
  const counts = await verifyDatabase(database.client, repair, report);
  if (found > MOST_SHOWN) print(`… and ${found - MOST_SHOWN} more`);
  if (found === 0 && Object.values(counts).every((count) => count === 0)) {
    print('The database is empty: there was nothing to compare. Is it the one that is meant?');
    return 'empty';
  }
  const compared = comparedIn(counts);
  if (found === 0) print(`Verified ${compared}: all are as they should be.`);
  else if (repair) print(`Of ${compared}, ${found} differed; ${repaired} are repaired, ${found - repaired} are left.`);
  else print(`Of ${compared}, ${found} differ.`);
  return found === repaired ? 'verified' : 'differs';
}

function comparedIn({ figures, entries, observations, contradictions, milestones }: Readonly<Compared>): string {
  return `${figures} figures, ${entries} entries of the log, ${observations} observations, ${contradictions} contradictions and ${milestones} milestones`;
}

function shown({ about, kept, recomputed, repaired }: ReportedDifference, repair: boolean): string {
  const outcome = repair ? `\n  ${repaired ? 'repaired' : 'not repaired'}` : '';
  return `${about}\n  kept:       ${kept}\n  recomputed: ${recomputed}${outcome}`;
}
