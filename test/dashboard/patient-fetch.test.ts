import { afterEach, expect, test, vi } from 'vitest';
import { fetchPatiently } from '../../dashboard/src/api/patient-fetch.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('who has asked for too much asks again when the server says so', async () => {
  vi.useFakeTimers();
  const asked = answerWith([new Response('', { status: 429, headers: { 'retry-after': '7' } }), new Response('here')]);
  const answer = fetchPatiently('/graphql');
  await vi.advanceTimersByTimeAsync(6_900);
  expect(asked).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(await (await answer).text()).toBe('here');
});

test('a question that is not asked any more is not asked again', async () => {
  const asked = answerWith([new Response('', { status: 429, headers: { 'retry-after': '7' } })]);
  const stop = new AbortController();
  const answer = fetchPatiently('/graphql', { signal: stop.signal });
  await Promise.resolve();
  setTimeout(() => stop.abort(), 10);
  await expect(answer).rejects.toThrow();
  expect(asked).toHaveBeenCalledTimes(1);
});

test.each([
  ['another status', new Response('', { status: 503, headers: { 'retry-after': '7' } })],
  ['no time', new Response('', { status: 429 })],
  ['too long a time', new Response('', { status: 429, headers: { 'retry-after': '3600' } })],
])('%s is answered as it is', async (_what, response) => {
  answerWith([response]);
  expect(await fetchPatiently('/graphql')).toBe(response);
});

function answerWith(responses: Response[]) {
  const asked = vi.fn(async () => responses.shift() ?? new Response('', { status: 500 }));
  vi.stubGlobal('fetch', asked);
  return asked;
}
