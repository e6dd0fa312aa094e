import { type ExecutionResult, GraphQLError } from 'graphql';
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
  return serialise(result, firstErrors(result.errors ?? []));
}

function serialise(result: ExecutionResult, errors: readonly GraphQLError[]): Answer {
  const { data } = result;
  const json = JSON.stringify(errors.length === 0 ? result : { ...result, errors });
  // Not from Node's shared pool: an answer that is kept would hold on to eight KiB of other data.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  bytes.write(json);
  return { bytes, errors, hasData: data !== undefined, isWhole: data != null && errors.length === 0 };
}

/** An answer that was worked out for another request: an unexpected error, which names the request that it is logged under, names this one. */
export function tellAs(
  answer: Answer,
  requestId: string,
  noteSame: (requestId: string, first: string) => void = () => undefined,
): Answer {
  const firsts = new Set(answer.errors.flatMap(({ extensions }) => extensions.requestId ?? []));
  firsts.delete(requestId);
  if (firsts.size === 0) return answer;
  for (const first of firsts) noteSame(requestId, String(first));
  const errors = answer.errors.map((error) =>
    error.extensions.requestId === undefined ? error : rename(error, requestId),
  );
  const result = JSON.parse(answer.bytes.toString('utf8')) as ExecutionResult;
  // There are as few as are listed already, and the last may count the others.
  return serialise(result, errors);
}

function rename({ message, nodes, path, extensions }: GraphQLError, requestId: string): GraphQLError {
  return new GraphQLError(message.replace(String(extensions.requestId), requestId), {
    nodes: nodes ?? null,
    path: path ?? null,
    extensions: { ...extensions, requestId },
  });
}
