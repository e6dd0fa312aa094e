import type { KeyScope, PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { createApiKey } from '../../src/domain/keys/api-key.ts';
import type { Logger } from '../../src/logger.ts';
import { openServer, type TestServer } from './server.ts';

export interface ApiOptions {
  /** With the seed facts; without any rows if not given. */
  readonly seeded?: boolean;
  /** The scopes of the key that is sent along; null: none is sent. One that may write if not given. */
  readonly key?: readonly KeyScope[] | null;
  readonly logger?: Logger;
  /** How long a query may take; a minute if not given. */
  readonly deadlineSeconds?: number;
}

/** An error as a client sees it. */
export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>> & { readonly code?: string };
}

/** What a client gets back. */
export interface Answer<Data> {
  readonly status: number;
  readonly data?: Data | null;
  readonly errors?: readonly AnswerError[];
}

export interface KeyOptions {
  readonly scopes?: readonly KeyScope[];
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
}

/** The API over the test's own database, used as clients use it: over HTTP. Closed when disposed. */
export interface Api extends AsyncDisposable {
  readonly server: TestServer;
  readonly database: Database;
  readonly db: PrismaClient;
  /** Sends an operation and returns the whole answer. */
  query<Data = unknown>(
    document: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer<Data>>;
  /** Sends an operation that must succeed, and returns its data. */
  ask<Data>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<Data>;
  /** Subscribes over server-sent events; the data of each push. Ends once returned. */
  subscribe<Data>(document: string, variables?: Readonly<Record<string, unknown>>): AsyncGenerator<Data, void, void>;
  /** Makes a key, and returns its text. */
  createKey(options?: KeyOptions): Promise<string>;
}

/** Opens the API over a new database. */
export async function openApi({ key = ['READ', 'WRITE'], ...options }: ApiOptions = {}): Promise<Api> {
  const server = await openServer(options);
  const { db } = server;
  const own: Record<string, string> =
    key === null ? {} : { authorization: `Bearer ${await createKey(db, { scopes: key })}` };

  const post = (accept: string, body: object, init: RequestInit = {}): Promise<Response> =>
    fetch(server.url, {
      ...init,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...own, ...init.headers },
      body: JSON.stringify(body),
    });

  const query: Api['query'] = async (document, variables = {}, headers = {}) => {
    const response = await post('application/json', { query: document, variables }, { headers });
    return { status: response.status, ...((await response.json()) as object) };
  };

  const ask = async <Data>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<Data> => {
    const { data, errors } = await query<Data>(document, variables);
    if (errors !== undefined) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
    return data as Data;
  };

  return {
    server,
    database: server.database,
    db,
    query,
    ask,
    subscribe: async function* <Data>(document: string, variables: Readonly<Record<string, unknown>> = {}) {
      const stop = new AbortController();
      try {
        const { body } = await post('text/event-stream', { query: document, variables }, { signal: stop.signal });
        for await (const { data, errors } of readEvents<Data>(body as NonNullable<typeof body>)) {
          if (errors !== undefined) throw new Error(`The subscription failed: ${JSON.stringify(errors)}`);
          yield data as Data;
        }
      } finally {
        stop.abort();
      }
    },
    createKey: (keyOptions) => createKey(db, keyOptions),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The answers in a stream of server-sent events; a push may come in pieces, and several at once. */
async function* readEvents<Data>(body: NonNullable<Response['body']>): AsyncGenerator<Omit<Answer<Data>, 'status'>> {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const events = `${text}${chunk}`.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, data] = /^data: (.+)$/m.exec(event) ?? [];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}

async function createKey(
  db: PrismaClient,
  { scopes = ['READ', 'WRITE'], expiresAt, revokedAt }: KeyOptions = {},
): Promise<string> {
  const { key, row } = await createApiKey(db, { label: 'test', scopes, expiresAt: expiresAt ?? null });
  if (revokedAt !== undefined) await db.apiKey.update({ where: { id: row.id }, data: { revokedAt } });
  return key;
}
