import { type AnyVariables, createRequest, type TypedDocumentNode } from '@urql/core';
import { useQuery } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
import { onChanges, ready } from './changes.ts';

/** What a section shows of its query. */
export interface Read<Data> {
  /** The newest answer that arrived, also while another one is awaited or after an error. Null: none yet. */
  readonly data: Data | null;
  readonly failed: boolean;
}

/** The answer to a query, asked again after each change. */
export function useLive<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Read<Data> {
  const { key } = createRequest(query, variables);
  const [{ data, error, operation }, ask] = useQuery({ query, variables, pause: !ready.value });
  // Until these variables are answered, it still has the answer to those before.
  const isAnswer = operation?.key === key;
  const last = useRef<{ readonly key: number; readonly data: Data } | null>(null);
  if (data !== undefined && isAnswer) last.current = { key, data };
  useEffect(() => onChanges(() => ask({ requestPolicy: 'network-only' })), [ask]);
  return { data: last.current?.key === key ? last.current.data : null, failed: isAnswer && error !== undefined };
}
