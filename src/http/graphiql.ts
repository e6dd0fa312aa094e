import type { Body } from './body.ts';
import { type FileAt, readBuiltFiles } from './built-files.ts';

const PAGE = 'index.html';
/** As in graphiql/vite.config.ts. */
const FOLDER = '/graphiql/';

/**
 * GraphiQL holds a key, so its page runs nothing but its own files, loads and sends nothing elsewhere, and stands in no frame of other pages.
 * Its editor writes styles into the page.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** The page for browsers at /graphql, and the files that it loads. */
export interface GraphiQL {
  readonly page: Body;
  readonly fileAt: FileAt;
}

/** Reads the files of GraphiQL from the folder in which they were built. */
export async function readGraphiQL(folder: URL): Promise<GraphiQL> {
  const files = await readBuiltFiles(folder);
  const page = files.get(PAGE);
  if (page === undefined) throw new Error(`GraphiQL has not been built: there is no ${PAGE} in ${folder.pathname}.`);
  return {
    page: { ...page, headers: { 'content-security-policy': POLICY } },
    fileAt: (path) => (path.startsWith(FOLDER) ? (files.get(path.slice(FOLDER.length)) ?? null) : null),
  };
}
