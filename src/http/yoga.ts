import { randomUUID } from 'node:crypto';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { executeOperation } from '../execution/execute.ts';
import { subscribeOperation } from '../execution/subscribe.ts';
import type { Context, Viewer } from '../graphql/context.ts';
import { describeError } from '../graphql/errors.ts';
import { schema } from '../graphql/schema.ts';
import type { Logger } from '../logger.ts';
import { createGraphiQLRenderer, graphiqlOptions } from './graphiql.ts';
import { findViewer } from './viewer.ts';

/** An operation larger than this in its lexical tokens is refused unread; 1,000 figures written out are about 40,000. */
const MAX_TOKENS = 100_000;

export interface YogaOptions {
  readonly context: Omit<Context, 'viewer' | 'head'>;
  readonly logger: Logger;
  /** GraphiQL's first tabs: example operations. */
  readonly tabs: readonly string[];
}

/** What the WebSocket server adds when it asks for a context: the viewer is known since the connection began. */
export interface SocketContext {
  readonly viewer?: Viewer;
}

/** The GraphQL handler over HTTP, with GraphiQL, errors masked, and our way of executing. */
export function createGraphQLHandler({ context, logger, tabs }: YogaOptions) {
  const maskError = (error: unknown): Error => describeError(error) ?? maskUnexpected(error, logger);
  return createYoga<SocketContext, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    logging: false,
    context: async ({ request, viewer }) => ({ ...context, viewer: viewer ?? (await viewerOf(request, context.db)) }),
    maskedErrors: { maskError },
    plugins: [useOurExecution(maskError)],
    graphiql: graphiqlOptions(tabs),
    renderGraphiQL: createGraphiQLRenderer(),
  });
}

async function viewerOf(request: Request, db: Context['db']): Promise<Viewer> {
  const viewer = await findViewer(db, request.headers.get('authorization'));
  if (viewer !== null) return viewer;
  throw new GraphQLError('The key is not known, was revoked, or has expired.', {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401, headers: { 'www-authenticate': 'Bearer' } } },
  });
}

function useOurExecution(maskError: (error: unknown) => Error): Plugin {
  return {
    onParse: ({ params }) => {
      params.options = { ...params.options, maxTokens: MAX_TOKENS };
    },
    onExecute: ({ setExecuteFn }) => setExecuteFn(executeOperation),
    onSubscribe: ({ setSubscribeFn }) =>
      setSubscribeFn((args: ExecutionArgs) => subscribeOperation(args, (error) => maskError(error) as GraphQLError)),
  };
}

/** The client learns an id, the log learns everything else. */
function maskUnexpected(error: unknown, logger: Logger): GraphQLError {
  const requestId = randomUUID();
  logger.error(
    { err: error instanceof GraphQLError ? (error.originalError ?? error) : error, requestId },
    'unexpected error',
  );
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  return new GraphQLError(`Something went wrong on our side. It is logged under ${requestId}.`, {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  });
}
