import type { GraphiQLProvider } from '@graphiql/react';
import { type DocumentNode, getOperationAST, parse } from 'graphql';
import type { ComponentProps } from 'react';
import { keyHeaders } from './key.ts';
import type { Headers, Operation } from './operation.ts';
import { watch } from './watch.ts';

type Fetcher = ComponentProps<typeof GraphiQLProvider>['fetcher'];

const ADDRESS = '/graphql';
const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';
/** GraphiQL's question for the schema. */
const INTROSPECTION = 'IntrospectionQuery';

/** Sends an operation with the key: a subscription over a WebSocket, everything else over HTTP. Headers of the tab come before the key. */
export const fetcher: Fetcher = ({ query, operationName, variables }, { headers } = {}) => {
  const document = parseIfValid(query);
  const all = { ...keyHeaders(), ...inLowerCase(headers ?? {}) };
  const operation = {
    query,
    ...(variables == null ? {} : { variables: variables as Record<string, unknown> }),
    ...(isIn(document, operationName) ? { operationName } : {}),
  };
  const kind = document && getOperationAST(document, operation.operationName)?.operation;
  // Its type has two more ways to subscribe, which GraphiQL does not use.
  if (kind === 'subscription') return watch(operation, all) as ReturnType<Fetcher>;
  return operationName === INTROSPECTION ? askForSchema(query, all) : ask(operation, all);
};

function ask(operation: Operation, headers: Headers): Promise<object> {
  const body = JSON.stringify(operation);
  return read(ADDRESS, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
}

/** By GET, so that the browser keeps the answer and only asks whether it is still current. */
function askForSchema(query: string, headers: Headers): Promise<object> {
  // Without what only serves to be read.
  const short = query.replaceAll(/\s+/g, ' ');
  return read(`${ADDRESS}?${new URLSearchParams({ query: short })}`, { headers });
}

/** The answer, also one of an error status: the body says what is wrong. */
async function read(address: string, { headers, ...init }: RequestInit & { headers: Headers }): Promise<object> {
  const response = await fetch(address, { ...init, headers: { accept: ACCEPT, ...headers } });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The server answered ${response.status} ${response.statusText}: ${text}`);
  }
}

/** Null for a document with a mistake: the server says which. */
function parseIfValid(query: string): DocumentNode | null {
  try {
    return parse(query);
  } catch {
    return null;
  }
}

/** Right after a change of tabs GraphiQL may still name the operation of the tab before. */
function isIn(document: DocumentNode | null, name: string | null | undefined): name is string {
  return name != null && (document === null || getOperationAST(document, name) != null);
}

function inLowerCase(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
