import { GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Execute } from '../execution/execute.ts';
import type { Context, Viewer } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import type { Logger } from '../logger.ts';
import { createErrorPolicy } from './error-policy.ts';
import { createGraphiQLRenderer, graphiqlOptions } from './graphiql.ts';
import type { FindViewer } from './viewer.ts';

/** An operation larger than this in its lexical tokens is refused unread; 1,000 figures written out are about 40,000. */
const MAX_TOKENS = 100_000;
/** The one character that Postgres keeps in no text, as it is in JSON or written out in an operation. */
const NUL = /\\u(0000|\{0+\})/;

export interface YogaOptions {
  readonly context: Omit<Context, 'viewer' | 'head'>;
  readonly findViewer: FindViewer;
  /** How queries and mutations are executed. */
  readonly execute: Execute;
  readonly logger: Logger;
  /** GraphiQL's first tabs: example operations. */
  readonly tabs: readonly string[];
}

/** What the WebSocket server adds when it asks for a context: the viewer is known since the connection began. */
export interface SocketContext {
  readonly viewer?: Viewer;
}

export type GraphQLHandler = ReturnType<typeof createGraphQLHandler>;

/** The GraphQL handler over HTTP, with GraphiQL, errors masked, and our way of executing. */
export function createGraphQLHandler({ context, findViewer, execute, logger, tabs }: YogaOptions) {
  const { mask: maskError } = createErrorPolicy(logger);
  return createYoga<SocketContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    logging: false,
    context: async ({ request, viewer }) => ({ ...context, viewer: viewer ?? (await viewerOf(request, findViewer)) }),
    maskedErrors: { maskError },
    plugins: [useOurExecution(execute)],
    graphiql: graphiqlOptions(tabs),
    renderGraphiQL: createGraphiQLRenderer(),
  });
}

async function viewerOf(request: Request, findViewer: FindViewer): Promise<Viewer> {
  const viewer = await findViewer(request.headers.get('authorization'));
  if (viewer !== null) return viewer;
  throw new GraphQLError('The key is not known, was revoked, or has expired.', {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: { 'www-authenticate': 'Bearer' } } },
  });
}

/** The error of an operation that has a NUL character in it or in its variables; null when it has none. */
export function findNul({ query, variables }: { query?: unknown; variables?: unknown }): GraphQLError | null {
  if (!NUL.test(JSON.stringify([query, variables]))) return null;
  return new GraphQLError('A text contains the character U+0000, which no text can have.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });
}

function useOurExecution(execute: Execute): Plugin {
  return {
    onParams: ({ params }) => {
      const refusal = findNul(params);
      if (refusal !== null) throw refusal;
    },
    onParse: ({ parseFn, setParseFn }) => {
      setParseFn((source, options) => parseFn(source, { ...options, maxTokens: MAX_TOKENS }));
    },
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
  };
}
