import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { METRICS } from '../../src/domain/values/metric.ts';
import { METRIC_WORDS } from '../../src/http/badge-words.ts';
import { type Api, openApi } from '../support/api.ts';

/** As many bytes as a proxy lets through at most. */
const LONG = 10_240;
/** How much of an address is in the name of its test. */
const SHOWN = 40;

let api: Api;
let sourceId: string;

beforeAll(async () => {
  api = await openApi();
  await createSubject(api.db, { kind: 'BRAND', slug: 'aurora', name: 'Aurora', nameZh: '极光' });
  await createSubject(api.db, { kind: 'BRAND', slug: 'silent', name: 'Silent' });
  await createSubject(api.db, { kind: 'BRAND', slug: 'hostile', name: '</text><script>"&\u0007' });
  const { registerSource } = await api.ask<{ registerSource: { source: { id: string } } }>(
    `mutation { registerSource(input: { publisher: { slug: "press", name: "Press", tier: 3 }, title: "Press" }) { source { id } } }`,
  );
  sourceId = registerSource.source.id;
  await record('period: "2026-06", value: 40000, qualifier: ABOUT');
  await record('period: "2026-07", value: 41234');
  await record('period: "2026-Q2", value: 14432000000, metric: REVENUE');
  await record('period: "2026-07", lower: 30000, upper: 32000, qualifier: BETWEEN, metric: SALES');
  await record('period: "2026-07", value: 20000, qualifier: OVER, metric: RETAIL');
});
afterAll(() => api[Symbol.asyncDispose]());

describe('a badge', () => {
  test.each([
    ['aurora.svg', 'Aurora: 41,234 deliveries, Jul 2026'],
    ['AURORA.svg?metric=deliveries', 'Aurora: 41,234 deliveries, Jul 2026'],
    ['aurora.svg?lang=zh', '极光: 2026年7月交付 41,234'],
    ['aurora.svg?metric=SALES', 'Aurora: 30,000–32,000 sales, Jul 2026'],
    ['aurora.svg?metric=RETAIL', 'Aurora: &gt;20,000 retail sales, Jul 2026'],
    ['aurora.svg?metric=REVENUE&by=QUARTER', 'Aurora: 14.4B CNY revenue, 2026-Q2'],
    ['aurora.svg?metric=EXPORTS', 'Aurora: unknown'],
    ['silent.svg?lang=zh', 'Silent: 未知'],
    ['hostile.svg', '&lt;/text&gt;&lt;script&gt;&quot;&amp; : unknown'],
  ])('%s says what is known: %s', async (path, title) => {
    const { status, headers, text } = await ask(`/badge/${path}`);
    expect([status, headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(titleOf(text)).toBe(title);
    expect(text).not.toContain('<script>');
    // It is never 0 in place of what is unknown.
    expect(text.includes('>–</text>')).toBe(/unknown|未知/.test(title));
  });

  test('is kept for five minutes by everybody, and answered with 304 and without a body if it is unchanged', async () => {
    const { headers } = await ask('/badge/aurora.svg');
    expect(headers['cache-control']).toBe('public, max-age=300');
    const again = await ask('/badge/aurora.svg', { 'if-none-match': String(headers.etag) });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('follows what is recorded', async () => {
    const before = await ask('/badge/aurora.svg?metric=WHOLESALE');
    await record('period: "2026-07", value: 5, metric: WHOLESALE');
    const after = await ask('/badge/aurora.svg?metric=WHOLESALE');
    expect([titleOf(before.text), titleOf(after.text)]).toEqual(['Aurora: unknown', 'Aurora: 5 wholesale, Jul 2026']);
    expect(after.headers.etag).not.toBe(before.headers.etag);
  });

  test('is answered to HEAD without its body', async () => {
    const { headers } = await ask('/badge/aurora.svg');
    const head = await fetch(new URL('/badge/aurora.svg', api.server.url), { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, headers.etag, '']);
  });

  test('with a key is kept for its sender alone, and is refused with one that is not valid', async () => {
    const key = await api.createKey({ scopes: ['READ'] });
    const { headers } = await ask('/badge/aurora.svg', { authorization: `Bearer ${key}` });
    expect(headers['cache-control']).toBe('private, max-age=300');
    expect((await ask('/badge/aurora.svg', { authorization: 'Bearer nothing' })).status).toBe(401);
  });

  test.each(['metric=NOTHING', 'metric=', 'by=CENTURY'])('with %s is refused with 400', async (choice) => {
    const { status, text } = await ask(`/badge/aurora.svg?${choice}`);
    expect(status).toBe(400);
    expect(JSON.parse(text).errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });

  test('has words for every metric', () => {
    expect(Object.keys(METRIC_WORDS).sort()).toEqual([...METRICS].sort());
  });
});

describe('an address without a subject', () => {
  test.each(
    [
      'nobody.svg',
      '.svg',
      '',
      'aurora',
      'aurora.png',
      'aurora.svg/more.svg',
      '../badge/aurora.svg',
      '..%2f..%2fpackage.svg',
      '%2e%2e/%2e%2e/etc/passwd.svg',
      '%00.svg',
      '%E0%A4%A.svg',
      '%ED%A0%80.svg',
      'aurora%22%3E%3Cscript%3E.svg',
      "aurora'--.svg",
      `${'a'.repeat(LONG)}.svg`,
      `${'%61'.repeat(LONG)}.svg`,
    ].map((path) => [path.slice(0, SHOWN), path]),
  )('is answered with 404 and a badge that says so: %s', async (_name, path) => {
    const { status, headers, text } = await ask(`/badge/${path}`);
    expect([status, headers['content-type']]).toEqual([404, 'image/svg+xml; charset=utf-8']);
    expect(titleOf(text)).toBe('Milepost: there is no such maker');
  });

  test('says so in Chinese', async () => {
    expect(titleOf((await ask('/badge/nobody.svg?lang=zh-CN')).text)).toBe('Milepost: 没有这家厂商');
  });
});

/** Sends exactly this address: fetch would tidy it first. */
async function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  const { hostname, port } = new URL(api.server.url);
  const [response] = (await once(get({ hostname, port, path, headers }), 'response')) as [IncomingMessage];
  const text = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, headers: response.headers, text };
}

function titleOf(svg: string): string | undefined {
  return /<title>(.*)<\/title>/.exec(svg)?.[1];
}

async function record(what: string): Promise<void> {
  const metric = what.includes('metric:') ? '' : 'metric: DELIVERIES, ';
  const { recordFigure } = await api.ask<{ recordFigure: { userErrors: unknown[] } }>(
    `mutation { recordFigure(input: { subject: "aurora", ${metric}${what}, sourceId: "${sourceId}", acknowledgeOutlier: true }) { userErrors { message } } }`,
  );
  expect(recordFigure.userErrors).toEqual([]);
}
