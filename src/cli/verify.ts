import type { Config } from '../config.ts';
import { PATIENT } from '../database/bounds.ts';
import type { Told } from '../domain/verification.ts';
import { verifyDatabase } from '../domain/verify.ts';
import type { Logger } from '../logger.ts';
import { openExisting } from './existing.ts';

export const VERIFY_USAGE = `milepost verify [--repair]
                   compare the figures with the log, recompute what is derived from them, and report differences;
                   with --repair also write it anew. Ends with 0 when nothing differs any more, 1 when something does
                   or nothing could be compared, 2 when the command cannot be understood`;

const MOST_SHOWN = 50;

/** Compares what is kept with the figures and reports each difference; with repair it rewrites what is derived. The exit code is 1 when anything still differs. */
export async function runVerify(
  config: Config,
  logger: Logger,
  say: (line: string) => void,
  repair: boolean,
): Promise<number> {
  await using database = await openExisting(config, logger, PATIENT);
  let found = 0;
  let repaired = 0;
  const tell = (told: Told): void => {
    found += 1;
    if (told.repaired) repaired += 1;
    if (found <= MOST_SHOWN) say(shown(told, repair));
  };
  const { figures, entries, observations, milestones } = await verifyDatabase(database.client, repair, tell);
  if (found > MOST_SHOWN) say(`… and ${found - MOST_SHOWN} more`);
  const compared = `${figures} figures, ${entries} entries of the log, ${observations} observations and ${milestones} milestones`;
  if (found === 0) say(`Verified ${compared}: all are as they should be.`);
  else if (repair) say(`Of ${compared}, ${found} differed; ${repaired} are repaired, ${found - repaired} are left.`);
  else say(`Of ${compared}, ${found} differ.`);
  return found === repaired ? 0 : 1;
}

function shown({ about, kept, recomputed, repaired }: Told, repair: boolean): string {
  const outcome = repair ? `\n  ${repaired ? 'repaired' : 'not repaired'}` : '';
  return `${about}\n  kept:       ${kept}\n  recomputed: ${recomputed}${outcome}`;
}
