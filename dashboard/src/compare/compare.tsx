import './compare.css';
import type { Read } from '../api/use-live.ts';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { useTitle } from '../parts/use-title.ts';
import type { Choice } from './choice.ts';
import { Comparison, useSeries } from './comparison.tsx';
import { Controls } from './controls.tsx';
import { Makers, type Picked, usePicked } from './makers.tsx';
import { text } from './messages.ts';
import { Summary } from './summary.tsx';
import { useChoice } from './use-choice.ts';

/** Makers side by side, as the address says. */
export function ComparePage() {
  const m = text.value;
  const { choice, slugs, read } = useChoice();
  useTitle(m.title);
  return (
    <div class="compare">
      <h1>{m.title}</h1>
      {slugs === null ? <Awaited read={read} /> : <Compared slugs={slugs} choice={choice} />}
    </div>
  );
}

/** Until there is something to show. */
function Awaited({ read }: { readonly read: Read<unknown> }) {
  return read.failed ? <Failure reads={[read]} /> : <Loading />;
}

function Compared({ slugs, choice }: { readonly slugs: readonly string[]; readonly choice: Choice }) {
  const picked = usePicked(slugs);
  const known = picked.isRead ? picked.known.map(({ slug }) => slug) : slugs;
  return (
    <>
      <Makers slugs={slugs} picked={picked} />
      <Controls choice={choice} />
      {known.length === 0 ? (
        <p role="status">{text.value.none}</p>
      ) : (
        <Result known={known} choice={choice} picked={picked} />
      )}
    </>
  );
}

interface ResultProps {
  readonly known: readonly string[];
  readonly choice: Choice;
  readonly picked: Picked;
}

function Result({ known, choice, picked }: ResultProps) {
  const read = useSeries(known, choice, picked);
  if (read.data === null) return <Awaited read={read} />;
  return (
    <>
      <Failure reads={[read]} />
      <Comparison series={read.data.series} choice={choice} />
      <Summary series={read.data.series} />
    </>
  );
}
