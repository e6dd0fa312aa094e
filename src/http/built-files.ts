import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Body } from './body.ts';

/** Everything there has its content's hash in its name. */
const ASSETS = 'assets/';
/** A page is asked for each time, to see whether it is still current. */
export const PAGE_CACHING = 'public, no-cache';
const ASSET_CACHING = 'public, max-age=31536000, immutable';
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ttf': 'font/ttf',
};

/** What is at a path; null for nothing. */
export type FileAt = (path: string) => Body | null;

/** Reads the files of a folder that Vite has built, by their path in it. They stay in memory, and so do their compressed forms. */
export async function readBuiltFiles(folder: URL): Promise<ReadonlyMap<string, Body>> {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  const files = names
    .filter((name) => extname(name) in TYPES)
    .map(async (name) => [name, fileOf(name, await readFile(new URL(name, folder)))] as const);
  return new Map(await Promise.all(files));
}

function fileOf(name: string, bytes: Buffer): Body {
  const caching = name.startsWith(ASSETS) ? ASSET_CACHING : PAGE_CACHING;
  return { bytes, type: TYPES[extname(name)] as string, caching };
}
