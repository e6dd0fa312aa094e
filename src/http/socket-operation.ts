import type { ExecutionResult, GraphQLError } from 'graphql';
import { type FormattedExecutionResult, MessageType } from 'graphql-ws';
import type { Payload } from '../execution/payload.ts';
import type { Subscription } from '../execution/subscriptions.ts';
import type { ClientSocket, OpenOperation } from './client-socket.ts';
import { writeMessage } from './frame.ts';
import { type Keeping, Outbox, type Wire } from './outbox.ts';

/** An operation of a socket, from the client's message `subscribe` to whoever says first that it is over. */
export class SocketOperation implements Wire, OpenOperation {
  readonly id: string;
  readonly #socket: ClientSocket;
  readonly #idAsJson: string;
  #outbox: Outbox | null = null;
  #subscription: Subscription | null = null;

  constructor(socket: ClientSocket, id: string) {
    this.#socket = socket;
    this.id = id;
    this.#idAsJson = JSON.stringify(id);
  }

  get isSubscription(): boolean {
    return this.#outbox !== null;
  }

  get isIdle(): boolean {
    return this.#outbox?.isEmpty ?? false;
  }

  /** Whether nothing more of it is told to the client. */
  get isOver(): boolean {
    return this.#socket.operations.get(this.id) !== this;
  }

  /** Makes it a subscription; what is pushed goes where the answer says. */
  beginPushing(keeping: Keeping): Outbox {
    this.#outbox = new Outbox(this, keeping);
    if (this.isOver) this.#outbox.close();
    return this.#outbox;
  }

  /** Takes what ends the pushing, and does so at once when the operation is over already. */
  pushes(subscription: Subscription): void {
    if (this.isOver) subscription.close();
    else this.#subscription = subscription;
  }

  /** Sends the one result of a query or mutation. */
  answer(result: ExecutionResult): void {
    if (this.isOver) return;
    this.#socket.say({
      id: this.id,
      type: MessageType.Next,
      // Its errors know how they are serialised.
      payload: result as FormattedExecutionResult,
    });
    this.complete();
  }

  /** Each write costs the system as much as an event costs us. */
  gather(): void {
    const { connection } = this.#socket;
    connection.cork();
    process.nextTick(() => connection.uncork());
  }

  /** Payloads go past the library, whole frames straight to the connection; nothing is compressed, so they never mix with its own. */
  write(payload: Payload): void {
    if (this.#socket.isOpen && !this.isOver) writeMessage(this.#socket.connection, this.#idAsJson, payload);
  }

  get isFull(): boolean {
    return this.#socket.isFull;
  }

  whenDrained(listener: () => void): void {
    this.#socket.whenDrained(listener);
  }

  fail(errors: readonly GraphQLError[]): void {
    if (this.isOver) return;
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
  }
}
