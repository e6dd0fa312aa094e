import type { ExecutionResult, GraphQLError } from 'graphql';
import { firstErrors } from './first-errors.ts';

/** The result of a query or mutation as it is sent, serialised once. */
export interface Answer {
  /** The result as JSON, in UTF-8. */
  readonly bytes: Buffer;
  readonly errors: readonly GraphQLError[];
  /** Whether it has data, which may be null. */
  readonly hasData: boolean;
  /** Whether it has all that was asked for, without errors. */
  readonly isWhole: boolean;
}

/** Serialises a result. Its errors must be as the API shows them. */
export function answerOf(result: ExecutionResult): Answer {
  const { data } = result;
  const errors = firstErrors(result.errors ?? []);
  const json = JSON.stringify(errors.length === 0 ? result : { ...result, errors });
  // Not from Node's shared pool: an answer that is kept would hold on to eight KiB of other data.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  bytes.write(json);
  return { bytes, errors, hasData: data !== undefined, isWhole: data != null && errors.length === 0 };
}
