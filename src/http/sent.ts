import { GraphQLError } from 'graphql';
import type { Sender } from '../execution/turns.ts';
import { findKnown, parseOperation, type Refused } from './operation.ts';
import type { OperationParams } from './operation-params.ts';
import type { ValidOperation } from './valid-operation.ts';
import type { GraphQLHandler } from './yoga.ts';

/** More is not even looked at before its turn. Reading this much takes a fraction of a millisecond. */
const SMALL_BYTES = 16 * 1024;

/** An operation as it was sent. */
export interface Sent {
  readonly bytes: number;
  /** The memory that it takes while it waits, in bytes, if that is more. */
  readonly kept?: number;
  /** Reads it, which takes time by its bytes; an error if it is none. */
  read(): OperationParams | GraphQLError;
}

/** A valid operation; or its errors; or the error of what was sent, if that is no operation. */
export type Understood = ValidOperation | Refused | GraphQLError;

/**
 * Reads, parses and validates what a client has sent, in its turn if that keeps the thread busy. Only a client with a key sends long
 * documents. A known operation has no promise of its own, so that it does not overtake another whose turn is at once: of subscriptions the
 * one too many is the last.
 */
export function understand(
  handler: GraphQLHandler,
  sender: Sender,
  sent: Sent,
  hasKey: boolean,
): Understood | Promise<Understood> {
  const { bytes, kept = bytes } = sent;
  const work = (): Understood => {
    const params = findDocument(handler, sent, hasKey);
    return params instanceof GraphQLError || 'errors' in params ? params : parseOperation(handler, params);
  };
  if (bytes > SMALL_BYTES) return handler.turns.take(sender, work, kept);
  const params = findDocument(handler, sent, hasKey);
  if (params instanceof GraphQLError || 'errors' in params) return params;
  // What waits is kept as it was sent: its values would take many times as much.
  return findKnown(handler, params) ?? handler.turns.take(sender, work, kept);
}

function findDocument(
  handler: GraphQLHandler,
  { read }: Sent,
  hasKey: boolean,
): OperationParams | Refused | GraphQLError {
  const sent = read();
  if (sent instanceof GraphQLError) return sent;
  const params = handler.documents.find(sent);
  if (params instanceof GraphQLError) return { errors: [params] };
  const tooLong = hasKey ? null : handler.refuseLong(params.query);
  return tooLong === null ? params : { errors: [tooLong] };
}
