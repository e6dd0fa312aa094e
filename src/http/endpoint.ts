import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { type AnswerType, acceptedTypes, allowOrigin, answerPreflight, sendError, sendResult } from './answer.ts';
import { type SoundOperation, understandOperation } from './operation.ts';
import { readOperation } from './request.ts';
import { type SseOptions, sendOnce, serveSse } from './sse.ts';
import { refuseKey } from './viewer.ts';
import type { GraphQLHandler } from './yoga.ts';

export interface EndpointOptions extends SseOptions {
  readonly handler: GraphQLHandler;
  /** The page for whoever comes with a browser. */
  readonly graphiql: () => string;
}

/** Answers whatever comes to /graphql: a browser with GraphiQL, a query or mutation with its result, a subscription with server-sent events. */
export async function serveEndpoint(
  request: IncomingMessage,
  response: ServerResponse,
  options: EndpointOptions,
): Promise<void> {
  const { method, headers } = request;
  allowOrigin(request, response);
  if (method === 'OPTIONS') return answerPreflight(request, response);
  if (method === 'GET' && headers.accept?.includes('text/html') === true) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(options.graphiql());
    return;
  }
  if (method !== 'GET' && method !== 'POST')
    return refuseMethod(response, 'GET, POST', 'An operation is sent by GET or by POST.');
  const params = await readOperation(request);
  if (params instanceof GraphQLError) return sendError(response, params);
  const accepted = acceptedTypes(headers.accept);
  const operation = understandOperation(options.handler, params);
  if ('errors' in operation) {
    // The protocol wants them in the stream: readers of event streams are not shown what a refusal says, and try again.
    if (accepted[0] === 'text/event-stream') sendOnce(response, { errors: operation.errors });
    else sendResult(response, { errors: operation.errors }, accepted[0], operation.status);
    return;
  }
  if (operation.type === 'subscription') {
    if (accepted.includes('text/event-stream')) return serveSse(request, response, operation, options);
    return refuseTypes(
      response,
      'A subscription is answered with server-sent events: send "Accept: text/event-stream", or use a WebSocket at the same address.',
    );
  }
  if (operation.type === 'mutation' && method === 'GET')
    return refuseMethod(response, 'POST', 'A mutation is sent by POST.');
  const [type] = accepted;
  if (type === undefined)
    return refuseTypes(
      response,
      'The answer is application/json, application/graphql-response+json or text/event-stream: accept one of them.',
    );
  await answerOnce(request, response, operation, type, options);
}

async function answerOnce(
  request: IncomingMessage,
  response: ServerResponse,
  operation: SoundOperation,
  type: AnswerType,
  { findViewer, connections }: EndpointOptions,
): Promise<void> {
  const { authorization } = request.headers;
  const viewer = await findViewer(authorization);
  if (viewer === null) return sendError(response, refuseKey(authorization));
  const { args, execute } = await operation.prepare(viewer);
  const asker = { name: connections.addressOf(request), isGone: () => response.destroyed };
  const result = await execute(args, asker);
  // There is no event for what passes by itself: whoever asks once gets 503 by whatever type, and asks again.
  const isTemporary = result.errors?.some(({ extensions }) => extensions.code === 'TEMPORARILY_UNAVAILABLE') === true;
  if (type !== 'text/event-stream') sendResult(response, result, type);
  else if (isTemporary) sendResult(response, result);
  else sendOnce(response, result);
}

function refuseMethod(response: ServerResponse, allowed: string, message: string): void {
  response.setHeader('allow', allowed);
  sendError(response, new GraphQLError(message, { extensions: { code: 'METHOD_NOT_ALLOWED' } }));
}

function refuseTypes(response: ServerResponse, message: string): void {
  sendError(response, new GraphQLError(message, { extensions: { code: 'NOT_ACCEPTABLE' } }));
}
