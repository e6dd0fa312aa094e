import type { ServerResponse } from 'node:http';
import type { Asker } from '../execution/admission.ts';
import type { Client } from '../execution/client.ts';
import { requestIdOf } from './followed.ts';
import type { SocketOperation } from './socket-operation.ts';

/** Who waits for the answer to a request. */
export function askerOf(response: ServerResponse, address: string, client: Client): Asker {
  return {
    name: address,
    requestId: requestIdOf(response),
    pay: (cost) => void client.pay(cost),
    isGone: () => response.destroyed,
    whenGone: (listener) => {
      if (response.destroyed) listener();
      // After an answer that was sent nothing listens.
      else response.once('close', listener);
    },
  };
}

/** Who waits for the answer to an operation of a socket. */
export function askerOfOperation(
  operation: SocketOperation,
  address: string,
  client: Client,
  requestId: string,
): Asker {
  return {
    name: address,
    requestId,
    pay: (cost) => void client.pay(cost),
    isGone: () => operation.isOver,
    whenGone: (listener) => operation.whenOver(listener),
  };
}
