import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { answerOf } from '../execution/answer.ts';
import type { OperationMeter } from '../meters.ts';
import { type AnswerType, acceptedTypes, sendAnswer, sendError, sendErrors } from './answer.ts';
import { askerOf } from './asker.ts';
import { type Body, sendBody } from './body.ts';
import { refuseSpent, tellBudget } from './charge.ts';
import { type AccountHolder, COST_OF_REFUSAL } from './clients.ts';
import { LONG_CHARACTERS } from './document-limits.ts';
import { follow, noteEnd } from './followed.ts';
import { answerPreflight, type Origins, refuseOrigin } from './origins.ts';
import { receiveOperation, refuseWriting, writesAsJson } from './request.ts';
import { understand } from './sent.ts';
import { type SseOptions, sendOnce, serveSse } from './sse.ts';
import type { ValidOperation } from './valid-operation.ts';
import { ANONYMOUS, type FindViewer } from './viewer.ts';
import { holdAnswer } from './waiting-answer.ts';
import { whoPays } from './who-pays.ts';
import type { GraphQLHandler } from './yoga.ts';

const NO_PAGE =
  'GraphiQL is switched off on this server. Send an operation by POST, or by GET with "Accept: application/json".';
/** How long a key that was found valid is taken for that within a request, in milliseconds. */
const FRESH_MS = 1_000;

export interface EndpointOptions extends SseOptions {
  readonly handler: GraphQLHandler;
  /** Whether also reading needs a key. */
  readonly readsNeedKey: boolean;
  /** The page for browsers; null if it is switched off. */
  readonly graphiql: Body | null;
  readonly origins: Origins;
}

/** Serves /graphql: GraphiQL for a browser, a result for a query or mutation, server-sent events for a subscription. */
export function serveEndpoint(
  request: IncomingMessage,
  response: ServerResponse,
  given: EndpointOptions,
): void | Promise<void> {
  const { method, headers } = request;
  const options = { ...given, findViewer: askOnce(given.findViewer) };
  options.origins.allow(request, response);
  if (method === 'GET' && headers.accept?.includes('text/html') === true) {
    response.appendHeader('vary', 'Accept');
    if (options.graphiql !== null) return sendBody(request, response, 200, options.graphiql);
    return refuseTypes(response, NO_PAGE);
  }
  const mayAsk = options.origins.mayAsk(request);
  if (method === 'OPTIONS')
    return mayAsk ? answerPreflight(request, response) : sendError(response, refuseOrigin(request));
  if (method !== 'GET' && method !== 'POST')
    return refuseMethod(response, 'GET, POST', 'An operation is sent by GET or by POST.');
  const transport = headers.accept?.includes('text/event-stream') === true ? 'sse' : 'http';
  const meter = follow(request, response, transport, options.meters);
  if (!mayAsk) return sendError(response, refuseOrigin(request));
  return meter.run(() => serveOperation(request, response, options, meter));
}

async function serveOperation(
  request: IncomingMessage,
  response: ServerResponse,
  options: EndpointOptions,
  meter: OperationMeter,
): Promise<void> {
  const { method, headers } = request;
  // Before anything of the operation is looked at: that costs work, and what is wrong with it would tell about the schema.
  const client = await admitClient(request, response, options);
  if (client === null) return;
  const sent = await receiveOperation(request);
  if (sent instanceof GraphQLError) return sendError(response, sent);
  const accepted = acceptedTypes(headers.accept);
  const sender = { name: client.name, isGone: () => response.destroyed };
  const mayBeLong = sent.bytes > LONG_CHARACTERS && (await hasKey(request, options));
  const operation = await understand(options.handler, sender, sent, mayBeLong);
  if (operation instanceof GraphQLError) return sendError(response, operation);
  if ('errors' in operation) {
    client.pay(COST_OF_REFUSAL);
    // The protocol demands these errors in the stream: an EventSource does not show the body of an error status, and tries again.
    if (accepted[0] === 'text/event-stream') {
      noteEnd(response, 'refused', operation.errors);
      sendOnce(response, answerOf({ errors: operation.errors }).bytes);
    } else sendErrors(response, operation.errors, accepted[0], operation.status);
    return;
  }
  // A key that is not valid was refused before.
  meter.understood(operation, !headers.authorization);
  if (operation.type === 'subscription') {
    if (accepted.includes('text/event-stream')) return serveSse(request, response, operation, options);
    return refuseTypes(
      response,
      'A subscription is answered with server-sent events: send "Accept: text/event-stream", or use a WebSocket at the same address.',
    );
  }
  if (operation.type === 'mutation' && method === 'GET')
    return refuseMethod(response, 'POST', 'A mutation is sent by POST.');
  if (operation.type === 'mutation' && !writesAsJson(request)) return sendError(response, refuseWriting());
  const [type] = accepted;
  if (type === undefined)
    return refuseTypes(
      response,
      'The answer is application/json, application/graphql-response+json or text/event-stream: accept one of them.',
    );
  await answerOnce(request, response, operation, type, options);
}

/**
 * Finds out who asks, and takes the cost of a request. Answers and returns null if the client has nothing left to spend, or its key is not
 * valid, for which its address pays. While keys cannot be looked up the address is the client, and what needs the key is refused later; where
 * everything needs one, at once: what is wrong with an operation would tell about the schema.
 */
async function admitClient(
  request: IncomingMessage,
  response: ServerResponse,
  options: EndpointOptions,
): Promise<AccountHolder | null> {
  const viewer = await options.findViewer(request.headers.authorization).catch((error: unknown) => {
    if (options.readsNeedKey || !options.errors.isTemporary(error)) throw error;
    return ANONYMOUS;
  });
  const { client } = whoPays(viewer, request, options);
  if (refuseSpent(response, client)) return null;
  if (!(viewer instanceof GraphQLError)) return client;
  client.pay(COST_OF_REFUSAL);
  sendError(response, viewer);
  return null;
}

/** Looks the key of a request up once for all steps that need it; again after an error, or if the body took long to come. */
function askOnce(findViewer: FindViewer): FindViewer {
  let found: ReturnType<FindViewer> | null = null;
  let until = 0;
  return (authorization) => {
    if (found !== null && performance.now() < until) return found;
    until = performance.now() + FRESH_MS;
    found = findViewer(authorization);
    found.catch(() => {
      found = null;
    });
    return found;
  };
}

async function hasKey(
  { headers: { authorization } }: IncomingMessage,
  { findViewer }: EndpointOptions,
): Promise<boolean> {
  const viewer = await findViewer(authorization);
  return !(viewer instanceof GraphQLError) && viewer.keyId !== null;
}

async function answerOnce(
  request: IncomingMessage,
  response: ServerResponse,
  operation: ValidOperation,
  type: AnswerType,
  options: EndpointOptions,
): Promise<void> {
  const viewer = await options.findViewer(request.headers.authorization);
  if (viewer instanceof GraphQLError) return sendError(response, viewer);
  const { client, address } = whoPays(viewer, request, options);
  const answer = await operation.answer(viewer, askerOf(response, address, client));
  tellBudget(response, client);
  const taken = holdAnswer(client, answer, operation.type);
  if (taken instanceof GraphQLError) return sendError(response, taken);
  if (response.destroyed) taken();
  else response.once('close', taken);
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
