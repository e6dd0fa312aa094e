import { beforeAll, expect, test } from 'vitest';
import type { FileAt } from '../../src/http/built-files.ts';
import { readDashboard } from '../../src/http/dashboard.ts';

let fileAt: FileAt;

beforeAll(async () => {
  fileAt = await readDashboard(new URL('../../dist/dashboard/', import.meta.url));
});

test('the page is asked for each time, and what it loads is kept for good', () => {
  const page = fileAt('/makers/nio');
  const loaded = [...String(page?.bytes).matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
  expect(page?.caching).toBe('public, no-cache');
  expect(loaded.length).toBeGreaterThan(1);
  expect(loaded.map((path) => fileAt(path)?.caching)).toEqual(loaded.map(() => 'public, max-age=31536000, immutable'));
  expect(fileAt('/assets/index-nothing.js')).toBe(null);
});

test('each page is found with and without a slash at the end, and nothing else is', () => {
  for (const path of ['/', '/table', '/table/', '/makers/nio', '/makers/nio/', '/embed/road/'])
    expect(fileAt(path)).not.toBe(null);
  for (const path of ['//', '/tables', '/table//', '/makers/', '/makers/nio/x']) expect(fileAt(path)).toBe(null);
});

test('the page runs and asks nothing but its own host, and only its charts stand in frames of others', () => {
  const headersOf = (path: string) => fileAt(path)?.headers ?? {};
  const policyOf = (path: string) => String(headersOf(path)['content-security-policy']);
  expect(policyOf('/')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; .* frame-ancestors 'none'$/);
  expect(policyOf('/')).not.toContain('unsafe');
  expect(headersOf('/')['x-frame-options']).toBe('DENY');
  expect(policyOf('/embed/road')).toBe(policyOf('/').replace("; frame-ancestors 'none'", ''));
  expect(headersOf('/embed/road')['x-frame-options']).toBe(undefined);
  expect(headersOf('/embed/road')['cross-origin-resource-policy']).toBe('cross-origin');
});
