import './value.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Observed } from '../api/observation.ts';
import { shown } from '../format/number.ts';
import { messages } from '../i18n/language.ts';
import { openSource } from '../source/open-source.ts';
import type { Place } from '../source/source-query.ts';

/** How long a changed number shows what it was before, in milliseconds. */
const FLASH = 4_000;

/** A number with its marks, which opens its sources. One that has just changed shows what it was before. */
export function Value({ of, subject, metric }: { readonly of: Observed } & Pick<Place, 'subject' | 'metric'>) {
  const text = shown(of);
  // Not its id, which is another one for each instant: so a change is also seen from day to day.
  const before = useBefore(`${subject} ${metric} ${of.period}`, text);
  return (
    <button
      type="button"
      class={before === null ? 'value' : 'value changed'}
      title={messages.value.openSource(text)}
      onClick={() => openSource({ subject, metric, period: of.period })}
    >
      {before !== null && (
        <>
          <del>{before}</del> <span aria-hidden="true">→</span>{' '}
        </>
      )}
      <span>{text}</span>
      <Marks of={of} />
    </button>
  );
}

function Marks({ of: { method, revised, contradictions, qualifier, value } }: { readonly of: Observed }) {
  const { marks } = messages.value;
  const words = marks[qualifier as 'ABOUT' | 'OVER' | 'UNDER'] as string | undefined;
  return (
    <>
      {value !== null && words !== undefined && <span class="hidden"> ({words})</span>}
      <span class="marks">
        {method === 'DERIVED' && <abbr title={marks.derived}>Σ</abbr>}
        {revised && <abbr title={marks.revised}>r</abbr>}
        {contradictions.length > 0 && <abbr title={marks.contradicted}>!</abbr>}
      </span>
    </>
  );
}

/** What the same number was before, for a while after it has changed; null otherwise. */
function useBefore(id: string, text: string): string | null {
  const last = useRef({ id, text });
  const [before, setBefore] = useState<string | null>(null);
  useEffect(() => {
    const { current } = last;
    last.current = { id, text };
    if (current.id !== id) return setBefore(null);
    if (current.text !== text) setBefore(current.text);
  }, [id, text]);
  useEffect(() => {
    if (before === null) return undefined;
    const timer = setTimeout(() => setBefore(null), FLASH);
    return () => clearTimeout(timer);
  }, [before]);
  return before;
}
