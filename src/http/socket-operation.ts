import type { GraphQLError } from 'graphql';
import { MessageType } from 'graphql-ws';
import type { Payer } from '../execution/client.ts';
import type { Payload } from '../execution/payload.ts';
import type { Subscription } from '../execution/subscriptions.ts';
import type { ClientSocket, OpenOperation } from './client-socket.ts';
import { writeMessages } from './frame.ts';
import { type Buffering, Outbox, type Wire } from './outbox.ts';
import { whenTaken } from './when-taken.ts';

/** An operation of a socket, from the client's `subscribe` message until client or server ends it. */
export class SocketOperation implements Wire, OpenOperation {
  readonly id: string;
  readonly #socket: ClientSocket;
  readonly #idAsJson: string;
  #outbox: Outbox | null = null;
  #subscription: Subscription | null = null;
  #overListener: (() => void) | null = null;

  constructor(socket: ClientSocket, id: string) {
    this.#socket = socket;
    this.id = id;
    this.#idAsJson = JSON.stringify(id);
  }

  get isSubscription(): boolean {
    return this.#outbox !== null;
  }

  get isLive(): boolean {
    return this.#outbox?.isLive ?? false;
  }

  get waitingBytes(): number {
    return this.#outbox?.waitingBytes ?? 0;
  }

  get isIdle(): boolean {
    return this.#outbox?.isEmpty ?? false;
  }

  /** Whether it has ended, so that nothing more is sent to the client. */
  get isOver(): boolean {
    return this.#socket.operations.get(this.id) !== this;
  }

  /** Calls back when it is over, at once if it is already. */
  whenOver(listener: () => void): void {
    if (this.isOver) listener();
    else this.#overListener = listener;
  }

  /** Makes it a subscription, and returns the outbox for its payloads. */
  beginPushing(buffering: Buffering, payer: Payer): Outbox {
    this.#outbox = new Outbox(this, buffering, payer);
    if (this.isOver) this.#outbox.close();
    return this.#outbox;
  }

  /** Keeps the subscription that close() ends; ends it at once if the operation is over already. */
  pushes(subscription: Subscription): void {
    if (this.isOver) subscription.close();
    else this.#subscription = subscription;
  }

  /** Sends the result of a query or mutation, as JSON in UTF-8. Calls back when it waits no longer. */
  answer(result: Buffer, taken: () => void): void {
    if (this.isOver) {
      taken();
      return;
    }
    const payload = result.toString('utf8');
    this.#socket.sayText(`{"id":${this.#idAsJson},"type":"${MessageType.Next}","payload":${payload}}`, taken);
    this.complete();
  }

  /** Each write is a system call, which costs as much as the processing of an event. */
  cork(): void {
    const { connection } = this.#socket;
    connection.cork();
    process.nextTick(() => connection.uncork());
  }

  /**
   * Writes whole frames directly to the connection, without the ws library. The library compresses nothing itself, so they never mix with
   * its own frames.
   */
  write(payload: Payload): void {
    this.writeAll([payload]);
  }

  writeAll(payloads: readonly Payload[]): void {
    if (!this.#socket.isOpen || this.isOver) return;
    // Other operations of the socket have something to send in the same turn, as a rule.
    if (this.#socket.operations.size > 1) this.#socket.corkTurn();
    writeMessages(this.#socket, this.#idAsJson, payloads);
    if (this.isFull) this.#socket.flush();
  }

  get isFull(): boolean {
    return this.#socket.isFull;
  }

  get untaken(): number {
    return this.#socket.connection.writableLength;
  }

  whenDrained(listener: () => void): void {
    this.#socket.whenDrained(listener);
  }

  whenTaken(listener: () => void): void {
    whenTaken(this.#socket.connection, listener);
  }

  fail(errors: readonly GraphQLError[]): void {
    if (this.isOver) return;
    if (this.#subscription !== null)
      for (const { extensions } of errors) this.#socket.meters.subscriptionFailed(extensions.code);
    this.#socket.say({ id: this.id, type: MessageType.Error, payload: errors.map((error) => error.toJSON()) });
    this.#socket.end(this);
  }

  complete(): void {
    if (this.isOver) return;
    this.#socket.say({ id: this.id, type: MessageType.Complete });
    this.#socket.end(this);
  }

  close(): void {
    this.#outbox?.close();
    this.#subscription?.close();
    this.#overListener?.();
  }
}
