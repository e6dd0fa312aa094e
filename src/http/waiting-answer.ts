import { GraphQLError } from 'graphql';
import type { Answer } from '../execution/answer.ts';
import type { Client } from '../execution/client.ts';
import type { ValidOperation } from './valid-operation.ts';

const TOO_SLOW = new GraphQLError(
  'Answers are read more slowly than they are asked for. Read them before you ask again.',
  {
    extensions: { code: 'SLOW_CONSUMER' },
  },
);

/**
 * Counts an answer as waiting for its client. Returns what takes that back, or the error if too much waits. What became of a mutation is told
 * in any case.
 */
export function holdAnswer(
  client: Client,
  { bytes: { length } }: Answer,
  type: ValidOperation['type'],
): (() => void) | GraphQLError {
  const taken = (): void => void client.hold(-length);
  if (client.hold(length) || type === 'mutation') return taken;
  taken();
  return TOO_SLOW;
}
