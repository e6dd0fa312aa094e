import { required } from '../../required.ts';
import type { FoundContradiction } from '../estimates/contradictions.ts';
import type { OpenContradiction } from '../estimates/recorded-rows.ts';
import type { Comparison } from '../estimates/settle.ts';
import type { OfSubject } from './verification.ts';

type Either = FoundContradiction | OpenContradiction;

/** The differences between the contradictions that are kept as unresolved and those that were found. */
export function contradictionDifferences(
  { appeared, changed, gone, openBy }: Comparison['contradictions'],
  slugs: ReadonlyMap<number, string>,
): readonly OfSubject[] {
  const differenceOf = (kept: Either | null, found: Either | null, one: Either): OfSubject => ({
    subjectId: one.subjectId,
    about: `${slugs.get(one.subjectId)} ${one.metric}, a contradiction about ${one.periods.join(', ')}`,
    kept: kept === null ? 'nothing, or that it was resolved' : shown(kept, slugs),
    recomputed: found === null ? 'no contradiction' : shown(found, slugs),
    key: one.identity,
  });
  return [
    ...appeared.map((one) => differenceOf(null, one, one)),
    ...changed.map((one) => differenceOf(required(openBy, one.identity), one, one)),
    ...gone.map((one) => differenceOf(one, null, one)),
  ];
}

function shown(one: Either, slugs: ReadonlyMap<number, string>): string {
  const { subjectId, kind, periods, gap, figureIds, setAsideIds, explanation } = one;
  const aside = setAsideIds.length === 0 ? 'none set aside' : `${setAsideIds.join(', ')} set aside`;
  const place = `${slugs.get(subjectId)} in ${periods.join(', ')}`;
  return `${kind} of ${place} by ${gap}, figures ${figureIds.join(', ')}, ${aside}: ${explanation}`;
}
