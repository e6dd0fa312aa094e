import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';

let api: Api;
let authorization: string;
let written = 0;

beforeAll(async () => {
  api = await openApi();
  authorization = `Bearer ${await api.createKey()}`;
});
afterAll(() => api[Symbol.asyncDispose]());

/** A mutation that writes something new. */
function mutation(): string {
  written += 1;
  return `mutation { registerSource(input: { publisher: { slug: "p${written}", name: "P", tier: 1 }, title: "T" }) { userErrors { message } } }`;
}

async function send(type: string, body: string, accept = '*/*') {
  const before = await api.db.source.count();
  const response = await fetch(api.server.url, {
    method: 'POST',
    headers: { 'content-type': type, authorization, accept },
    body: Buffer.from(body),
  });
  const text = await response.text();
  return { status: response.status, text, wrote: (await api.db.source.count()) - before };
}

describe('a mutation', () => {
  test.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/graphql+json',
    'application/json, application/json',
  ])('is executed when it comes as %s', async (type) => {
    expect(await send(type, JSON.stringify({ query: mutation() }))).toMatchObject({ status: 200, wrote: 1 });
  });

  test.each([
    ['text/plain', (query: string) => JSON.stringify({ query })],
    ['text/plain;application/json', (query: string) => JSON.stringify({ query })],
    ['text/plain; charset=application/json', (query: string) => JSON.stringify({ query })],
    ['application/x-www-form-urlencoded', (query: string) => new URLSearchParams({ query }).toString()],
    [
      'multipart/form-data; boundary=x',
      (query: string) => `--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n${query}\r\n--x--`,
    ],
    ['application/graphql', (query: string) => query],
    ['', (query: string) => JSON.stringify({ query })],
  ])('is never executed when it comes as "%s"', async (type, bodyOf) => {
    for (const accept of ['*/*', 'text/event-stream']) {
      const { status, text, wrote } = await send(type, bodyOf(mutation()), accept);
      expect({ status, wrote }).toEqual({ status: 415, wrote: 0 });
      expect(JSON.parse(text).errors[0]).toMatchObject({
        message: expect.stringContaining('application/json'),
        extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' },
      });
    }
  });

  test('is never executed by GET', async () => {
    const before = await api.db.source.count();
    const address = `${api.server.url}?query=${encodeURIComponent(mutation())}`;
    for (const type of ['application/json', undefined]) {
      const headers = { authorization, ...(type === undefined ? {} : { 'content-type': type }) };
      expect((await fetch(address, { headers })).status).toBe(405);
    }
    expect(await api.db.source.count()).toBe(before);
  });
});

test('a query may come in a form or as its own text as well', async () => {
  const answer = '{"data":{"__typename":"Query"}}';
  expect(await send('application/x-www-form-urlencoded', 'query=%7B__typename%7D')).toMatchObject({ text: answer });
  expect(await send('application/graphql', '{ __typename }')).toMatchObject({ text: answer });
});
