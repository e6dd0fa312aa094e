import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useQuery } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
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
  /** When the answer arrived. */
  readonly at: Date | null;
}

interface Kept<Data> {
  readonly of: string;
  readonly day: string;
  readonly data: Data;
  readonly at: Date;
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
  if (data != null && last.current?.data !== data) last.current = { ...answered, data, at: new Date() };
  const isFollowing = isOfNow && isWanted;
  const isAsking = useRef(false);
  const isOld = useRef(false);
  isAsking.current = fetching || stale;
  useEffect(() => {
    isOld.current = false;
    if (!isFollowing) return undefined;
    return onChanges(() => {
      // A second question would be dropped while an answer is awaited, which can be of before the change.
      if (isAsking.current) isOld.current = true;
      else ask({ requestPolicy: 'network-only' });
      isAsking.current = true;
    });
  }, [ask, isFollowing]);
  useEffect(() => {
    if (isAsking.current || !isOld.current) return;
    isOld.current = false;
    ask({ requestPolicy: 'network-only' });
  }, [ask, fetching, stale]);
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
  return { data: shown?.data ?? null, failed, at: shown?.at ?? null };
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
