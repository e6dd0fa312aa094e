import { useState } from 'preact/hooks';
import { pastClient } from '../api/client.ts';
import { clock } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { ContradictionCard } from './contradiction-card.tsx';
import { type Contradiction, type LogPage, RESOLVED } from './contradictions-query.ts';
import { text } from './messages.ts';

/** So many pages of the log are read at once, 100 changes each. */
const PAGES = 10;

interface Past {
  readonly contradiction: Contradiction;
  readonly at: string;
}

interface Found {
  readonly past: readonly Past[];
  /** The place in the log to go on from; null: there is nothing before. */
  readonly before: string | null;
  readonly oldest: string | null;
}

/** The contradictions that are no more, looked for in the log when the reader asks for them. `open` are those that there are now. */
export function Resolved({ open }: { readonly open: ReadonlySet<string> }) {
  const t = text.value;
  const m = messages.value;
  const [found, setFound] = useState<Found | null>(null);
  const [state, setState] = useState<'idle' | 'reading' | 'failed'>('idle');
  const look = (): void => {
    setState('reading');
    readFurther(found).then(
      (more) => {
        setFound(more);
        setState('idle');
      },
      () => setState('failed'),
    );
  };
  const past = (found?.past ?? []).filter(({ contradiction }) => !open.has(contradiction.id));
  return (
    <section class="resolved" aria-labelledby="resolved">
      <h2 id="resolved">{t.resolved}</h2>
      <p class="quiet">{t.resolvedIntro}</p>
      <div class="contradictions">
        {past.map(({ contradiction, at }) => (
          <ContradictionCard key={contradiction.id} of={contradiction} resolvedAt={at} />
        ))}
      </div>
      <p role="status">
        {state === 'reading' && m.loading}
        {state === 'failed' && m.failedPageNow}
        {state === 'idle' && found !== null && past.length === 0 && `${t.noneResolved} `}
        {state === 'idle' && found !== null && reachOf(found)}
      </p>
      {found?.before !== null && (
        <button type="button" disabled={state === 'reading'} onClick={look}>
          {found === null ? t.showResolved : t.further}
        </button>
      )}
    </section>
  );
}

function reachOf({ before, oldest }: Found): string {
  const t = text.value;
  if (before === null) return t.lookedAll;
  return oldest === null ? '' : t.lookedBack(clock(oldest));
}

/** Reads some pages of the log before what was read. Throws if the server does not answer. */
async function readFurther(found: Found | null): Promise<Found> {
  let { past, before, oldest }: Found = found ?? { past: [], before: null, oldest: null };
  for (let page = 0; page < PAGES; page += 1) {
    const { data, error } = await pastClient.query(RESOLVED, { before }, { requestPolicy: 'network-only' }).toPromise();
    if (data === undefined) throw error ?? new Error('The server did not answer.');
    const { nodes, pageInfo } = data.changes;
    past = [...past, ...resolvedIn(nodes, new Set(past.map(({ contradiction }) => contradiction.id)))];
    oldest = nodes.at(-1)?.at ?? oldest;
    before = pageInfo.hasPreviousPage ? pageInfo.startCursor : null;
    if (before === null) break;
  }
  return { past, before, oldest };
}

/** Those that a page of the log says are resolved, the newest first, each once. */
function resolvedIn(nodes: LogPage['nodes'], known: Set<string>): readonly Past[] {
  return nodes.flatMap((change) => {
    if (change.__typename !== 'ContradictionChange' || !change.resolved || known.has(change.contradiction.id))
      return [];
    known.add(change.contradiction.id);
    return [{ contradiction: change.contradiction, at: change.at }];
  });
}
