import type { Body } from './body.ts';
import { type FileAt, PAGE_CACHING, readBuiltFiles } from './built-files.ts';
import { LOGO } from './logo.ts';
import { withPolicy } from './page-policy.ts';

const PAGE = 'index.html';
/** The addresses at which the page decides what it shows: the same as in dashboard/src/pages.tsx. */
const PAGE_PATHS = /^\/(?:(?:table|compare|contradictions|targets|about|(?:makers|alliances|embed)\/[^/]+)\/?)?$/;
const EMBEDS = '/embed/';
const ICON = { bytes: Buffer.from(LOGO), type: 'image/svg+xml', caching: PAGE_CACHING };
/** Charts are turned into pictures. */
const IMAGES = ['blob:', 'data:'];

/**
 * Reads the files of the dashboard from the folder in which they were built. Only its charts may stand in frames of other pages. Its links to
 * GraphiQL are not shown if that is switched off.
 */
export async function readDashboard(folder: URL, graphiql = true): Promise<FileAt> {
  const files = await readBuiltFiles(folder);
  const built = files.get(PAGE);
  const page = built === undefined || graphiql ? built : withoutLinks(built);
  const [ours, embedded] = [shown(page, false), shown(page, true)];
  return (path) => {
    if (path === '/logo.svg') return ICON;
    if (PAGE_PATHS.test(path)) return path.startsWith(EMBEDS) ? embedded : ours;
    return files.get(path.slice(1)) ?? null;
  };
}

/** The page with the mark at which its styles hide the links to GraphiQL. */
function withoutLinks(page: Body): Body {
  return { ...page, bytes: Buffer.from(page.bytes.toString('utf8').replace('<html', '<html data-graphiql="off"')) };
}

function shown(page: Body | undefined, isEmbedded: boolean): Body | null {
  return page === undefined ? null : withPolicy(page, { images: IMAGES, isEmbedded });
}
