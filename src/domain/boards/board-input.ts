import type { Db } from '../../database/handle.ts';
import { suggestMissed } from '../catalog/search.ts';
import { slugOf } from '../catalog/subjects.ts';
import { dayOf } from '../values/calendar.ts';
import type { Metric } from '../values/metric.ts';
import { hasBegun, type Period } from '../values/period.ts';
import { collectProblems } from '../values/problems.ts';
import { requirePeriod } from './series.ts';

/** The period of a board. Throws BadInput (INVALID_PERIOD) for a text that is none, and for one that has not begun. */
export function requireBegun(text: string): Period {
  const period = requirePeriod(text);
  const problems = collectProblems();
  if (!hasBegun(period, dayOf(new Date())))
    problems.add('INVALID_PERIOD', 'period', `${period.text} has not begun; nobody can have reported it.`);
  problems.throwIfAny();
  return period;
}

/**
 * The id of the market that a board is about; null if it is about none. Throws BadInput (path within) for an unknown slug, for that of
 * something else, and for market shares without a market.
 */
export async function requireMarket(
  db: Db,
  slug: string | null | undefined,
  metrics: readonly Metric[],
): Promise<number | null> {
  const problems = collectProblems();
  if (slug == null && metrics.includes('MARKET_SHARE'))
    problems.add('INVALID_INPUT', 'within', '`within` is needed: name the market that the shares are of.');
  problems.throwIfAny();
  if (slug == null) return null;
  const found = await db.subject.findUnique({ where: { slug: slugOf(slug) }, select: { id: true, kind: true } });
  if (found?.kind === 'MARKET') return found.id;
  const [suggestions] = await suggestMissed(db, [{ slug, kind: 'MARKET' }]);
  if (found === null) problems.add('UNKNOWN_SUBJECT', 'within', `There is no subject "${slug}".`, suggestions);
  else problems.add('INVALID_INPUT', 'within', `"${slug}" is a ${found.kind.toLowerCase()}; shares are of a market.`);
  problems.throwIfAny();
  return null;
}
