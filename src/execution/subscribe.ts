import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, type GraphQLError } from 'graphql';

type Results = AsyncIterableIterator<ExecutionResult, undefined, undefined>;

/**
 * Subscribes, and executes each event with a context of its own: what was loaded for one push is never reused for the next.
 * (graphql-js keeps one context for the life of a subscription, and with it every loader and cache that hangs on it.)
 */
export async function subscribeOperation(
  args: ExecutionArgs,
  describeError: (error: unknown) => GraphQLError,
): Promise<ExecutionResult | Results> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  let ended = false;
  const results: Results = {
    next: async () => {
      if (ended) return { done: true, value: undefined };
      try {
        const event = await events.next();
        if (event.done === true) return { done: true, value: undefined };
        const context = { ...(args.contextValue as object) };
        return { done: false, value: await execute({ ...args, rootValue: event.value, contextValue: context }) };
      } catch (error) {
        // The stream broke: its last message says why, so that the reader knows where to resume.
        ended = true;
        return { done: false, value: { errors: [describeError(error)] } };
      }
    },
    return: async () => {
      ended = true;
      await events.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
