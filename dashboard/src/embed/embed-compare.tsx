import type { Choice } from '../compare/choice.ts';
import { Comparison, useSeries } from '../compare/comparison.tsx';
import { usePicked } from '../compare/makers.tsx';
import { useChoice } from '../compare/use-choice.ts';
import { Embed } from './embed.tsx';

const PAGE = '/compare';

/** The chart of a comparison alone, for other pages. */
export function EmbedCompare() {
  const { choice, slugs, read } = useChoice();
  if (slugs === null) return <Embed page={PAGE} read={read} />;
  return <Embedded slugs={slugs} choice={choice} />;
}

function Embedded({ slugs, choice }: { readonly slugs: readonly string[]; readonly choice: Choice }) {
  const picked = usePicked(slugs);
  const known = picked.isRead ? picked.known.map(({ slug }) => slug) : slugs;
  const read = useSeries(known, choice, picked);
  return (
    <Embed page={PAGE} read={read}>
      {read.data !== null && <Comparison series={read.data.series} choice={choice} />}
    </Embed>
  );
}
