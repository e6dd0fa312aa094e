import type { Figure } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { Problems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';
import { latestRevisions } from './latest-revision.ts';

const MAX_REASON = 2_000;

/** A figure that is to be changed, and the collector for the problems of its change. */
interface Change {
  readonly figure: Pick<Figure, 'id' | 'claimKey'>;
  readonly problems: Problems;
}

/** The figures with these ids, as far as they exist. */
export async function findFigures(db: Db, ids: readonly (number | null)[]): Promise<ReadonlyMap<number, Figure>> {
  const figures = await db.figure.findMany({ where: { id: { in: ids.filter((id) => id !== null) } } });
  return new Map(figures.map((figure) => [figure.id, figure]));
}

/** Notes that an id is not a figure's. */
export function addUnknownFigure(problems: Problems): void {
  problems.add('UNKNOWN_FIGURE', 'id', 'There is no figure with this id.');
}

/** Checks why a figure is changed. */
export function checkReason(problems: Problems, reason: string): void {
  checkText(problems, 'reason', reason, MAX_REASON);
}

/** Notes STALE_REVISION for each figure that is no longer current. */
export async function requireCurrent(db: Db, changes: readonly Change[]): Promise<void> {
  const stale = changes.filter(({ figure }) => figure.claimKey === null);
  const latest = await latestRevisions(
    db,
    'Figure',
    stale.map(({ figure }) => figure.id),
  );
  for (const { figure, problems } of stale) {
    const row = latest.get(figure.id) ?? figure.id;
    if (row === figure.id) {
      problems.add('STALE_REVISION', 'id', 'This figure was withdrawn; record the claim again.');
      continue;
    }
    problems.add('STALE_REVISION', 'id', {
      about: { type: 'Figure', row },
      write: (name) => `This figure was restated already; the current one is ${name}.`,
    });
  }
}
