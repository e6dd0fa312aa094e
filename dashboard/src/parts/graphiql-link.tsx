import { type AnyVariables, stringifyDocument, type TypedDocumentNode } from '@urql/core';
import { messages } from '../i18n/language.ts';

interface GraphiqlLinkProps<Variables extends AnyVariables> {
  readonly query: TypedDocumentNode<unknown, Variables>;
  readonly variables: Variables;
}

/** Leads to a query with its variables in GraphiQL. */
export function GraphiqlLink<Variables extends AnyVariables>({ query, variables }: GraphiqlLinkProps<Variables>) {
  const search = new URLSearchParams({ query: stringifyDocument(query), variables: JSON.stringify(variables) });
  return <a href={`/graphql?${search}`}>{messages.value.inGraphiql}</a>;
}
