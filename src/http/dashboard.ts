import { type FileAt, PAGE_CACHING, readBuiltFiles } from './built-files.ts';
import { LOGO } from './logo.ts';

const PAGE = 'index.html';
/** The addresses at which the page decides what it shows: the same as in dashboard/src/pages.tsx. */
const PAGE_PATHS = /^\/(?:(?:table|compare|contradictions|targets|about)?|(?:makers|alliances|embed)\/[^/]+)$/;
const ICON = { bytes: Buffer.from(LOGO), type: 'image/svg+xml', caching: PAGE_CACHING };

/** Reads the files of the dashboard from the folder in which they were built. */
export async function readDashboard(folder: URL): Promise<FileAt> {
  const files = await readBuiltFiles(folder);
  return (path) => {
    if (path === '/logo.svg') return ICON;
    return files.get(PAGE_PATHS.test(path) ? PAGE : path.slice(1)) ?? null;
  };
}
