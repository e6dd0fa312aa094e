import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { readGraphiQL } from '../../src/http/graphiql.ts';

const BUILT = new URL('../../dist/graphiql/', import.meta.url);

test('the page of GraphiQL is asked for each time, and what it loads is kept for good', async () => {
  const { page, fileAt } = await readGraphiQL(BUILT);
  const html = page.bytes.toString();
  const loaded = [...html.matchAll(/(?:src|href)="(\/graphiql\/[^"]+)"/g)].map(([, path]) => path as string);
  expect(loaded.length).toBeGreaterThan(1);
  expect(loaded.map((path) => fileAt(path)?.caching)).toEqual(loaded.map(() => 'public, max-age=31536000, immutable'));
  expect(page.caching).toBe('public, no-cache');
  expect([fileAt('/graphiql/assets/nothing.js'), fileAt('/index.html')]).toEqual([null, null]);
});

test('the page of GraphiQL says how wide it is, and has no script that its policy forbids', async () => {
  const { page } = await readGraphiQL(BUILT);
  const html = page.bytes.toString();
  expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1" />');
  expect(html).not.toMatch(/<script(?![^>]* src=)|<style/);
  const policy = String(page.headers?.['content-security-policy']);
  expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; /);
  expect(policy).not.toMatch(/script-src[^;]*unsafe|unsafe-eval/);
  expect(page.headers).toMatchObject({ 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin' });
});

test('a folder in which nothing was built is told apart from one that cannot be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-'));
  await expect(readGraphiQL(pathToFileURL(`${folder}/`))).rejects.toThrow('GraphiQL has not been built');
  await rm(folder, { recursive: true });
});
