import { Comparison, useSeries } from '../compare/comparison.tsx';
import { usePicked } from '../compare/makers.tsx';
import { useChoice } from '../compare/use-choice.ts';
import { Embed } from './embed.tsx';

/** The chart of a comparison alone, for other pages. */
export function EmbedCompare() {
  const { choice, slugs, failed } = useChoice();
  const picked = usePicked(slugs ?? []);
  const known = picked.isRead ? picked.known.map(({ slug }) => slug) : (slugs ?? []);
  const series = useSeries(known, choice);
  const data = known.length === 0 ? null : series.data;
  return (
    <Embed page="/compare" failed={failed || (series.failed && picked.isRead)} isEmpty={data === null}>
      {data !== null && <Comparison series={data.series} choice={choice} />}
    </Embed>
  );
}
