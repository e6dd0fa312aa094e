import { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Viewer } from '../graphql/context.ts';
import type { AccountHolder, Clients } from './clients.ts';
import type { Connection, Connections } from './connections.ts';
import { ANONYMOUS } from './viewer.ts';

/** A client, and the address that it asks from. */
export interface Paying {
  readonly client: AccountHolder;
  readonly address: string;
}

/** Who pays for what is asked by a request or over an open socket: the key, or the address if there is none or it is not valid. */
export function whoPays(
  viewer: Viewer | GraphQLError,
  from: IncomingMessage | Connection,
  { clients, connections }: { readonly clients: Clients; readonly connections: Connections },
): Paying {
  const address = from instanceof IncomingMessage ? connections.addressOf(from) : connections.addressOfOpen(from);
  const known = address ?? '';
  return { client: clients.of(viewer instanceof GraphQLError ? ANONYMOUS : viewer, known), address: known };
}
