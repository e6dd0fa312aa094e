import './compare.css';
import { messages } from '../i18n/language.ts';
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
  const { choice, slugs, failed } = useChoice();
  useTitle(m.title);
  return (
    <div class="compare">
      <h1>{m.title}</h1>
      {slugs === null ? <Awaited failed={failed} /> : <Compared slugs={slugs} choice={choice} />}
    </div>
  );
}

/** Until there is something to show. */
function Awaited({ failed }: { readonly failed: boolean }) {
  const m = messages.value;
  return (
    <p class="loading" role={failed ? 'alert' : 'status'}>
      {failed ? m.failed : m.loading}
    </p>
  );
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
  const { data, failed } = useSeries(known, choice);
  // A list with an unknown slug is refused; it is asked again without it.
  const hasFailed = failed && picked.isRead;
  if (data === null) return <Awaited failed={hasFailed} />;
  return (
    <>
      {hasFailed && (
        <p role="alert" class="banner">
          {messages.value.failed}
        </p>
      )}
      <Comparison series={data.series} choice={choice} />
      <Summary series={data.series} />
    </>
  );
}
