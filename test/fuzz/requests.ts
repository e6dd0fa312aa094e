import { gzipSync } from 'node:zlib';
import type { Pick } from '../support/random.ts';
import { makeJson, makeOperation } from './operations.ts';

const METHODS = [
  'GET',
  'POST',
  'POST',
  'POST',
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'TRACE',
  'PATCH',
  'CONNECT',
  'get',
  'NONSENSE',
];
const TARGETS = [
  ...[
    '/',
    '/graphql',
    '/graphql',
    '/graphql?query={__typename}',
    '/graphql?query=%ff',
    '/graphql?',
    '/graphql/',
    '//graphql',
    '/livez',
  ],
  ...[
    '/readyz',
    '/badge/nio.svg',
    '/badge/%00.svg',
    '/badge/../../etc/passwd',
    '/makers/nio',
    '/assets/../package.json',
    '/%2e%2e/%2e%2e/etc/passwd',
  ],
  ...[
    '*',
    'http://other.example/graphql',
    'http://[::1',
    '/graphql?query=%7B__typename%7D&variables=%7B',
    '/graphql#x',
    `/${'a'.repeat(5_000)}`,
  ],
  ...[
    '/graphql?operationName=a&operationName=b',
    '/graphql?documentId=sha256:0',
    '/metrics',
    '/embed/road',
    '/graphql?extensions=[]',
  ],
];
const HOSTS = [
  'localhost',
  '127.0.0.1:4000',
  '',
  'a b',
  '[::1]',
  '\u00e4',
  'x'.repeat(2_000),
  'evil.example',
  'localhost:99999',
  'user@host',
];
const TYPES = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'application/json; charset=utf-16',
    'application/graphql',
    'text/plain',
    '',
  ],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    'nonsense',
    'application/json, text/plain',
  ],
];
const ACCEPTS = [
  'application/json',
  'text/event-stream',
  '*/*',
  'text/html',
  'multipart/mixed',
  'nonsense',
  '',
  'application/graphql-response+json;q=x',
];
const HEADERS = [
  ...[
    'Authorization: Bearer x',
    'Authorization: Basic eDp4',
    'Authorization: Bearer',
    'Origin: null',
    'Origin: https://evil.example',
    'Expect: 100-continue',
  ],
  ...[
    'Upgrade: websocket\r\nConnection: Upgrade',
    'Upgrade: h2c\r\nConnection: Upgrade',
    'Transfer-Encoding: chunked',
    'Content-Length: 5',
    'Range: bytes=0-1',
  ],
  ...[
    'If-None-Match: *',
    'If-None-Match: W/"x", "y"',
    'Accept-Encoding: br;q=0, gzip;q=x',
    'Accept-Encoding: *',
    'X-Forwarded-For: 1.2.3.4, evil',
    'Last-Event-ID: x',
  ],
  ...[
    'X-Request-Id: \u00ff',
    'traceparent: 00-0-0-0',
    'Cookie: a=b',
    ': empty',
    'no colon',
    'X-Long: '.padEnd(9_000, 'x'),
  ],
];

/** A request as bytes, well-formed or not. */
export function makeRequest(pick: Pick): Buffer {
  const from = (list: readonly string[]): string => list[pick(list.length)] ?? '';
  const body = makeBody(pick);
  const lines = [
    `${from(METHODS)} ${from(TARGETS)} HTTP/${from(['1.1', '1.1', '1.1', '1.0', '2.0', '9'])}`,
    `Host: ${from(HOSTS)}`,
    `Content-Type: ${from(TYPES)}`,
    `Accept: ${from(ACCEPTS)}`,
    ...(pick(8) === 0 ? [] : [`Content-Length: ${pick(10) === 0 ? pick(1_000) : body.length}`]),
    ...Array.from({ length: pick(4) }, () => from(HEADERS)),
    ...(pick(10) === 0 ? [`Content-Encoding: ${from(['gzip', 'br', 'identity', 'nonsense'])}`] : []),
  ];
  const head = Buffer.from(
    `${lines.join('\r\n')}${pick(20) === 0 ? '\n' : '\r\n\r\n'}`,
    pick(5) === 0 ? 'utf8' : 'latin1',
  );
  return Buffer.concat([head, body]);
}

function makeBody(pick: Pick): Buffer {
  const json = JSON.stringify({
    query: makeOperation(pick),
    variables: makeJson(pick),
    extensions: pick(3) === 0 ? makeJson(pick) : undefined,
  });
  switch (pick(8)) {
    case 0:
      return Buffer.from(json.slice(0, pick(json.length)));
    case 1:
      return gzipSync(json);
    case 2:
      return Buffer.from(json, 'utf16le');
    case 3:
      return Buffer.from(Array.from({ length: pick(200) }, () => pick(256)));
    case 4:
      return Buffer.from(JSON.stringify(makeJson(pick)));
    case 5:
      return Buffer.from(`query=${encodeURIComponent(makeOperation(pick))}`);
    default:
      return Buffer.from(json);
  }
}
