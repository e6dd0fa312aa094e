import type { Body } from './body.ts';
import { type FileAt, readBuiltFiles } from './built-files.ts';
import { type PageNeeds, withPolicy } from './page-policy.ts';

const PAGE = 'index.html';
/** As in graphiql/vite.config.ts. */
const FOLDER = '/graphiql/';

/** GraphiQL holds a key. Its editor writes styles into the page, whose text depends on the theme. */
const NEEDS: PageNeeds = {
  images: ['data:'],
  directives: ["worker-src 'self'", "font-src 'self'"],
  writesStyles: true,
};

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
    page: withPolicy(page, NEEDS),
    fileAt: (path) => (path.startsWith(FOLDER) ? (files.get(path.slice(FOLDER.length)) ?? null) : null),
  };
}
