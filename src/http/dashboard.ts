import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Body } from './body.ts';
import { LOGO } from './logo.ts';

const PAGE = 'index.html';
/** The addresses at which the page decides what it shows: the same as in dashboard/src/pages.tsx. */
const PAGE_PATHS = /^\/(?:(?:table|compare|contradictions|targets|about)?|(?:makers|alliances|embed)\/[^/]+)$/;
/** Everything there has its content's hash in its name. */
const ASSETS = 'assets/';
const CACHING = { page: 'public, no-cache', asset: 'public, max-age=31536000, immutable' };
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** What is at a path; null for nothing. */
export type FileAt = (path: string) => Body | null;

/** Reads the files of the dashboard from the folder in which they were built. They are few and small, so they stay in memory. */
export async function readDashboard(folder: URL): Promise<FileAt> {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  const files = await Promise.all(
    names
      .filter((name) => extname(name) in TYPES)
      .map(async (name) => [`/${name}`, fileOf(name, await readFile(new URL(name, folder)))] as const),
  );
  const byPath = new Map<string, Body>([
    ...files,
    ['/logo.svg', { bytes: Buffer.from(LOGO), type: 'image/svg+xml', caching: CACHING.page }],
  ]);
  return (path) => byPath.get(PAGE_PATHS.test(path) ? `/${PAGE}` : path) ?? null;
}

function fileOf(name: string, bytes: Buffer): Body {
  const caching = name.startsWith(ASSETS) ? CACHING.asset : CACHING.page;
  return { bytes, type: TYPES[extname(name)] as string, caching };
}
