import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useQuery } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
import { onChanges, ready } from './changes.ts';

/** What a section shows of its query. */
export interface Read<Data> {
  /** The newest answer that arrived, also while another one is awaited or after an error. Null: none yet. */
  readonly data: Data | null;
  readonly failed: boolean;
}

/** The answer to a query, asked again after each change. Nothing is asked while it is not wanted. */
export function useLive<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  isWanted = true,
): Read<Data> {
  const [{ data, error }, ask] = useQuery({ query, variables, pause: !isWanted || !ready.value });
  const last = useRef<{ readonly of: string; readonly data: Data } | null>(null);
  const of = JSON.stringify(variables);
  if (data !== undefined) last.current = { of, data };
  useEffect(() => (isWanted ? onChanges(() => ask({ requestPolicy: 'network-only' })) : undefined), [ask, isWanted]);
  return { data: last.current?.of === of ? last.current.data : null, failed: error !== undefined };
}
