import { applyLiveQueryJSONPatch } from '@n1ru4l/graphql-live-query-patch-json-patch';
import type { Result } from './readers.ts';

/** The answers as the client of the format shows them, one after the other. */
export async function shown(results: readonly Result<unknown>[]): Promise<readonly unknown[]> {
  const answers: unknown[] = [];
  const source = (async function* () {
    // The client changes what it is given.
    yield* structuredClone(results);
  })();
  for await (const { data } of applyLiveQueryJSONPatch(source as never) as AsyncIterable<{ data: unknown }>)
    answers.push(structuredClone(data));
  return answers;
}
