import { GraphQLError } from 'graphql';
import { CloseCode, MessageType, type PingMessage, type SubscribeMessage } from 'graphql-ws';
import type { RawData } from 'ws';
import type { Subscriptions } from '../execution/subscriptions.ts';
import type { Viewer } from '../graphql/context.ts';
import type { Meters, OperationMeter } from '../meters.ts';
import { askerOfOperation } from './asker.ts';
import { type ClientMessage, idOfLong, isLong, readLong, readMessage, traceparentOfLong } from './client-message.ts';
import type { ClientSocket } from './client-socket.ts';
import { type Clients, COST_OF_REFUSAL, COST_OF_REQUEST } from './clients.ts';
import type { Connections } from './connections.ts';
import { followOn } from './delta-wish.ts';
import { badRequest } from './operation-params.ts';
import { type Sent, understand } from './sent.ts';
import { findForRenewal, type IdentityOptions, initialise } from './socket-identity.ts';
import { SocketOperation } from './socket-operation.ts';
import { accessOf } from './valid-operation.ts';
import type { RecheckViewer } from './viewer.ts';
import { holdAnswer } from './waiting-answer.ts';
import { whoPays } from './who-pays.ts';
import type { GraphQLHandler } from './yoga.ts';

/** Maximum number of messages of a socket that are processed at once. The next one waits, and nothing more is read. */
const MOST_AT_WORK = 10;

/** Maximum size of the messages that wait. A read of 64 KiB has that much only if it is compressed a hundredfold, as no real messages are. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;
/** What a message that waits takes in addition to its bytes. */
const HELD_BYTES = 128;

/** An operation as a socket's client has sent it. */
interface Asked extends Sent {
  readonly id: string;
  /** There are no headers for a single operation of a socket. */
  readonly traceparent: string | undefined;
}

export interface SocketOptions extends IdentityOptions {
  readonly handler: GraphQLHandler;
  readonly recheckViewer: RecheckViewer;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly clients: Clients;
  readonly meters: Meters;
  readonly maxSubscriptionsPerSocket: number;
  /** Whether a proxy in front is trusted to name the id of a request. */
  readonly trustProxy: boolean;
  /** Interval between heartbeats, in milliseconds; a second if not given. */
  readonly heartbeatMs?: number | undefined;
}

/**
 * Handles a message of the client. It holds the message back and stops reading when too many messages of the socket are processed, or the
 * client does not read its answers.
 * Never throws: an unexpected error is logged and closes this one socket.
 */
export async function receive(socket: ClientSocket, data: RawData, options: SocketOptions): Promise<void> {
  try {
    if (!socket.isOpen) return;
    if (socket.held !== null) {
      // It was read together with the message that is held back.
      socket.held.push(data);
      socket.heldBytes += costOf(data);
      if (socket.heldBytes > MAX_HELD_BYTES) socket.shut(CloseCode.BadRequest, 'Too much at once');
      return;
    }
    // Before it is acknowledged, a client has sent only little, and is closed for a long message.
    if (isLong(data) && socket.viewer !== null) return await receiveLong(socket, data as Buffer, options);
    const message = readMessage(data);
    // A client's message may have a refusal as well.
    if (!('type' in message)) socket.shut(CloseCode.BadRequest, message.refusal);
    else if (mustWait(socket, message.type)) hold(socket, data, options);
    else await answer(socket, message, (data as Buffer).length, options);
  } catch (error) {
    options.errors.mask(error);
    socket.shut(CloseCode.InternalServerError, 'Internal server error');
  }
}

/**
 * A long message is read in its turn, and not at all if the client has nothing left to spend: that takes time by its bytes. Its id is enough
 * to refuse it.
 */
async function receiveLong(socket: ClientSocket, data: Buffer, options: SocketOptions): Promise<void> {
  if (mustWait(socket, MessageType.Subscribe)) return hold(socket, data, options);
  const id = idOfLong(data);
  if (typeof id !== 'string') return socket.shut(CloseCode.BadRequest, id.refusal);
  const read = (): ReturnType<Sent['read']> => {
    const message = readLong(data, id);
    if ('type' in message) return message.payload;
    socket.shut(CloseCode.BadRequest, message.refusal);
    return badRequest(message.refusal);
  };
  const kept = data.buffer.byteLength;
  return subscribe(socket, { id, bytes: data.length, kept, traceparent: traceparentOfLong(data), read }, options);
}

function costOf(data: RawData): number {
  return (data as Buffer).length + HELD_BYTES;
}

/** Only messages that the server answers have to wait. So a client that does not read can still end its subscriptions. */
function mustWait(socket: ClientSocket, type: ClientMessage['type']): boolean {
  // So that what is sent after a new key is done with it.
  if (socket.isRenewing) return type === MessageType.Subscribe || type === MessageType.Ping;
  if (type === MessageType.Subscribe) return socket.isFull || socket.atWork >= MOST_AT_WORK;
  return type === MessageType.Ping && socket.isFull;
}

function hold(socket: ClientSocket, data: RawData, options: SocketOptions): void {
  socket.held = [data];
  socket.heldBytes = costOf(data);
  socket.pause();
  if (socket.isFull) socket.whenDrained(() => release(socket, options));
}

/** Handles the messages that were held back, up to the first that has to wait again, and resumes reading if there is none. */
function release(socket: ClientSocket, options: SocketOptions): void {
  const { held } = socket;
  if (held === null) return;
  socket.held = null;
  let bytes = socket.heldBytes;
  for (const [index, data] of held.entries()) {
    void receive(socket, data, options);
    if (socket.held !== null) {
      socket.held = held.slice(index);
      socket.heldBytes = bytes;
      return;
    }
    bytes -= costOf(data);
  }
  socket.resume();
}

async function answer(
  socket: ClientSocket,
  message: ClientMessage,
  bytes: number,
  options: SocketOptions,
): Promise<void> {
  switch (message.type) {
    case MessageType.ConnectionInit:
      return initialise(socket, message.payload?.authorization, options);
    case MessageType.Ping:
      socket.countTrifle();
      return pong(socket, message, options);
    case MessageType.Subscribe:
      return subscribe(socket, askedBy(message, bytes), options);
    case MessageType.Complete: {
      const operation = socket.operations.get(message.id);
      if (operation !== undefined) socket.end(operation);
      else socket.countTrifle();
      return;
    }
    default:
      socket.countTrifle();
  }
}

/** Answers a ping with its payload, but for a key in it: the socket goes on with that one, and so does what the client has subscribed to. */
async function pong(socket: ClientSocket, { payload }: PingMessage, options: SocketOptions): Promise<void> {
  const { authorization, ...rest } = payload ?? {};
  const answer = { type: MessageType.Pong, ...(payload == null ? {} : { payload: rest }) } as const;
  if (authorization == null) return socket.say(answer);
  if (socket.viewer === null) return socket.shut(CloseCode.Unauthorized, 'Unauthorized');
  // An empty text would be a client without a key.
  const sent = typeof authorization === 'string' && authorization !== '' ? authorization : 'no text';
  socket.isRenewing = true;
  const viewer = await findForRenewal(socket, sent, options).finally(() => {
    socket.isRenewing = false;
  });
  if (viewer === null) return;
  if (viewer instanceof GraphQLError) return socket.shut(CloseCode.Forbidden, viewer.message);
  socket.viewer = viewer;
  socket.say(answer);
  release(socket, options);
}

async function subscribe(socket: ClientSocket, asked: Asked, options: SocketOptions): Promise<void> {
  if (socket.viewer === null) return socket.shut(CloseCode.Unauthorized, 'Unauthorized');
  if (socket.operations.has(asked.id))
    return socket.shut(CloseCode.SubscriberAlreadyExists, 'Subscriber already exists');
  const operation = new SocketOperation(socket, asked.id);
  socket.operations.set(asked.id, operation);
  socket.atWork += 1;
  socket.operationsSent += 1;
  const { viewer } = socket;
  const meter = options.meters.operation({
    transport: 'websocket',
    requestId: `${socket.requestId}.${socket.operationsSent}`,
    traceparent: asked.traceparent,
  });
  try {
    await meter.run(() => perform(socket, viewer, operation, asked, options, meter));
    meter.ended(operation.isOver ? 'gone' : 'answered');
  } catch (error) {
    refuse(operation, [options.errors.mask(error, meter.requestId)], meter);
  } finally {
    socket.atWork -= 1;
    release(socket, options);
  }
}

function askedBy({ id, payload }: SubscribeMessage, bytes: number): Asked {
  const traceparent = payload.extensions?.traceparent;
  return { id, bytes, traceparent: typeof traceparent === 'string' ? traceparent : undefined, read: () => payload };
}

function refuse(operation: SocketOperation, errors: readonly GraphQLError[], meter: OperationMeter): void {
  meter.ended(operation.isOver ? 'gone' : 'refused', errors);
  operation.fail(errors);
}

/** Sends the result of a query or mutation, or begins a subscription. */
async function perform(
  socket: ClientSocket,
  viewer: Viewer,
  operation: SocketOperation,
  sent: Sent,
  options: SocketOptions,
  meter: OperationMeter,
): Promise<void> {
  const { handler, recheckViewer, subscriptions, connections, maxSubscriptionsPerSocket: most } = options;
  const { client, address } = whoPays(viewer, socket, options);
  const spent = client.refuse();
  if (spent !== null) return refuse(operation, [spent], meter);
  const sender = { name: client.name, isGone: () => operation.isOver };
  const understood = await understand(handler, sender, sent, viewer.keyId !== null);
  const parsed = understood instanceof GraphQLError ? { errors: [understood] } : understood;
  client.pay('errors' in parsed ? COST_OF_REFUSAL : COST_OF_REQUEST);
  if ('errors' in parsed) return refuse(operation, parsed.errors, meter);
  meter.understood(parsed, viewer.keyId === null);
  // Open connections are looked at from time to time only, and until then a revoked key must not write.
  const ended = parsed.type === 'mutation' ? await recheckViewer(viewer) : null;
  if (ended !== null && socket.viewer !== viewer) return refuse(operation, [ended], meter);
  if (ended !== null) {
    meter.ended('refused', [ended]);
    return socket.shut(CloseCode.Forbidden, ended.message);
  }
  if (parsed.type !== 'subscription') {
    const asker = askerOfOperation(operation, address, client, meter.requestId);
    const answer = await parsed.answer(viewer, asker);
    const taken = holdAnswer(client, answer, parsed.type);
    if (taken instanceof GraphQLError) return refuse(operation, [taken], meter);
    meter.ended(operation.isOver ? 'gone' : 'answered', answer.errors);
    return operation.answer(answer.bytes, taken);
  }
  const args = await parsed.prepare(viewer);
  const present = [...socket.operations.values()].filter(({ isSubscription }) => isSubscription).length;
  if (present >= most) return refuse(operation, [connections.tooManySubscriptions(most)], meter);
  const { cost, isLive } = parsed;
  const taken = client.open({ isLive, cost });
  if (taken instanceof GraphQLError) return refuse(operation, [taken], meter);
  operation.whenOver(taken);
  const outbox = operation.beginPushing(isLive ? 'the newest answer' : 'every event', { client, cost });
  const { sink, after } = followOn(outbox, parsed.deltas, subscriptions.deltas);
  const opened = await subscriptions.open(args, accessOf(viewer), sink, after);
  if ('errors' in opened) meter.ended(operation.isOver ? 'gone' : 'refused', opened.errors);
  if (!('errors' in opened)) operation.pushes(opened);
  // The client has cancelled the operation meanwhile; its other operations go on.
  else if (socket.operations.get(operation.id) !== operation) return;
  else if (opened.errors.some(({ extensions }) => extensions.code === 'TEMPORARILY_UNAVAILABLE')) socket.postpone();
  else operation.fail(opened.errors);
}
