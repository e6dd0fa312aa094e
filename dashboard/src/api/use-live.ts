import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useQuery } from '@urql/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { arrivedAt } from './arrivals.ts';
import { asOf } from './as-of.ts';
import { onChanges, ready } from './changes.ts';
import { isAwaited } from './waiting.ts';

/** What cannot be read for now is asked for again so long after, in milliseconds. */
const AGAIN_AFTER = 5_000;
/** The variables that say as of when: an answer stays in its place until that of another day is there. */
const OF_THE_DAY = ['asOf', 'until'];

/** What a section shows of its query. */
export interface Read<Data> {
  /** The newest answer that arrived, also while another one is awaited or after an error. Null: none yet. */
  readonly data: Data | null;
  readonly failed: boolean;
  /** When the server last gave this answer. */
  readonly at: Date | null;
}

interface Kept<Data> {
  readonly of: string;
  readonly day: string;
  readonly data: Data;
  /** That of the operation. */
  readonly key: number;
}

/**
 * The answer to a query, asked again after an error that can pass, and, if it is of now, after each change. Nothing is asked while it is not
 * wanted.
 */
export function useLive<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  isWanted = true,
): Read<Data> {
  const isOfNow = asOf.value === null;
  // Changes that come while the page is not shown, or is shown as of a day, are not asked for: what is kept of now can be old.
  const requestPolicy = isOfNow ? 'cache-and-network' : 'cache-first';
  const [{ data, error, fetching, stale, operation }, ask] = useQuery({
    query,
    variables,
    requestPolicy,
    pause: !isWanted || !ready.value,
  });
  const last = useRef<Kept<Data> | null>(null);
  const { of, day } = keysOf(variables);
  // What is here can still be the answer to the question before.
  const answered = keysOf(operation?.variables ?? variables);
  if (data != null && operation !== undefined && last.current?.data !== data)
    last.current = { ...answered, data, key: operation.key };
  const isFollowing = isOfNow && isWanted;
  const [changed, count] = useState(0);
  const asked = useRef(changed);
  useEffect(() => (isFollowing ? onChanges(() => count((before) => before + 1)) : undefined), [isFollowing]);
  const isAnswering = fetching || stale;
  useEffect(() => {
    // One question at a time: the next one would end it, and while changes keep coming none would be answered.
    if (isAnswering || asked.current === changed) return;
    asked.current = changed;
    ask({ requestPolicy: 'network-only' });
  }, [changed, isAnswering]);
  useEffect(() => isAwaited(fetching), [fetching]);
  useEffect(() => {
    if (!canPass(error)) return undefined;
    const timer = setTimeout(() => ask({ requestPolicy: 'network-only' }), AGAIN_AFTER);
    return () => clearTimeout(timer);
  }, [error, ask]);
  const failed = error !== undefined && answered.of === of && answered.day === day;
  const kept = last.current;
  // That of another day is shown only as long as the one of this day can still come.
  const shown = kept !== null && kept.of === of && (kept.day === day || !failed) ? kept : null;
  return { data: shown?.data ?? null, failed, at: shown === null ? null : arrivedAt(shown.key) };
}

function keysOf(variables: AnyVariables): { readonly of: string; readonly day: string } {
  const entries = Object.entries(variables ?? {});
  const isOfTheDay = ([name]: readonly [string, unknown]) => OF_THE_DAY.includes(name);
  return {
    of: JSON.stringify(entries.filter((entry) => !isOfTheDay(entry))),
    day: JSON.stringify(entries.filter(isOfTheDay)),
  };
}

/** Whether the same question can be answered later: the server was not there, or says so. */
function canPass(error: CombinedError | undefined): boolean {
  if (error === undefined) return false;
  return (
    error.networkError !== undefined || error.graphQLErrors.some(({ extensions }) => extensions.retryable === true)
  );
}
