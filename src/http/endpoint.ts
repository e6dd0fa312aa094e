import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { answerOf } from '../execution/answer.ts';
import type { OperationMeter } from '../meters.ts';
import {
  type AnswerType,
  acceptedTypes,
  allowOrigin,
  answerPreflight,
  sendAnswer,
  sendError,
  sendErrors,
} from './answer.ts';
import { type Body, sendBody } from './body.ts';
import { follow, noteEnd } from './followed.ts';
import { parseOperation } from './operation.ts';
import { readOperation } from './request.ts';
import { type SseOptions, sendOnce, serveSse } from './sse.ts';
import type { ValidOperation } from './valid-operation.ts';
import { refuseKey } from './viewer.ts';
import type { GraphQLHandler } from './yoga.ts';

export interface EndpointOptions extends SseOptions {
  readonly handler: GraphQLHandler;
  /** The page for browsers. */
  readonly graphiql: Body;
}

/** Serves /graphql: GraphiQL for a browser, a result for a query or mutation, server-sent events for a subscription. */
export function serveEndpoint(
  request: IncomingMessage,
  response: ServerResponse,
  options: EndpointOptions,
): void | Promise<void> {
  const { method, headers } = request;
  allowOrigin(request, response);
  if (method === 'OPTIONS') return answerPreflight(request, response);
  if (method === 'GET' && headers.accept?.includes('text/html') === true) {
    response.appendHeader('vary', 'Accept');
    return sendBody(request, response, 200, options.graphiql);
  }
  if (method !== 'GET' && method !== 'POST')
    return refuseMethod(response, 'GET, POST', 'An operation is sent by GET or by POST.');
  const transport = headers.accept?.includes('text/event-stream') === true ? 'sse' : 'http';
  const meter = follow(request, response, transport, options.meters);
  return meter.run(() => serveOperation(request, response, options, meter));
}

async function serveOperation(
  request: IncomingMessage,
  response: ServerResponse,
  options: EndpointOptions,
  meter: OperationMeter,
): Promise<void> {
  const { method, headers } = request;
  const params = await readOperation(request);
  if (params instanceof GraphQLError) return sendError(response, params);
  const accepted = acceptedTypes(headers.accept);
  const tooLong = options.handler.refuseLong(params.query);
  const operation =
    tooLong !== null && !(await hasKey(request, options))
      ? { errors: [tooLong] }
      : parseOperation(options.handler, params);
  if ('errors' in operation) {
    // The protocol demands these errors in the stream: an EventSource does not show the body of an error status, and tries again.
    if (accepted[0] === 'text/event-stream') {
      noteEnd(response, 'refused', operation.errors);
      sendOnce(response, answerOf({ errors: operation.errors }).bytes);
    } else sendErrors(response, operation.errors, accepted[0], operation.status);
    return;
  }
  meter.understood(operation);
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
  await answerOnce(request, response, operation, type, options, meter);
}

async function hasKey(
  { headers: { authorization } }: IncomingMessage,
  { findViewer }: EndpointOptions,
): Promise<boolean> {
  const viewer = await findViewer(authorization);
  return viewer !== null && viewer.keyId !== null;
}

async function answerOnce(
  request: IncomingMessage,
  response: ServerResponse,
  operation: ValidOperation,
  type: AnswerType,
  { findViewer, connections }: EndpointOptions,
  { requestId }: OperationMeter,
): Promise<void> {
  const { authorization } = request.headers;
  const viewer = await findViewer(authorization);
  if (viewer === null) return sendError(response, refuseKey(authorization));
  const asker = { name: connections.addressOf(request), isGone: () => response.destroyed, requestId };
  const answer = await operation.answer(viewer, asker);
  // A temporary error has no event in the stream. The client gets 503 whatever type it asked for, and can repeat the request.
  const isTemporary = answer.errors.some(({ extensions }) => extensions.code === 'TEMPORARILY_UNAVAILABLE');
  if (type === 'text/event-stream' && !isTemporary) {
    noteEnd(response, 'answered', answer.errors);
    return sendOnce(response, answer.bytes);
  }
  const sent = type === 'text/event-stream' ? 'application/json' : type;
  const ofQuery = viewer.keyId === null ? 'public' : 'private';
  await sendAnswer(request, response, answer, sent, operation.type === 'query' ? ofQuery : 'nobody');
}

function refuseMethod(response: ServerResponse, allowed: string, message: string): void {
  response.setHeader('allow', allowed);
  sendError(response, new GraphQLError(message, { extensions: { code: 'METHOD_NOT_ALLOWED' } }));
}

function refuseTypes(response: ServerResponse, message: string): void {
  sendError(response, new GraphQLError(message, { extensions: { code: 'NOT_ACCEPTABLE' } }));
}
