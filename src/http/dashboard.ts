import type { Body } from './body.ts';
import { type FileAt, PAGE_CACHING, readBuiltFiles } from './built-files.ts';
import { LOGO } from './logo.ts';

const PAGE = 'index.html';
/** The addresses at which the page decides what it shows: the same as in dashboard/src/pages.tsx. */
const PAGE_PATHS = /^\/(?:(?:table|compare|contradictions|targets|about|(?:makers|alliances|embed)\/[^/]+)\/?)?$/;
const EMBEDS = '/embed/';
const ICON = { bytes: Buffer.from(LOGO), type: 'image/svg+xml', caching: PAGE_CACHING };

/** What the API answers is shown, never run: nothing but the page's own files is. Charts bring styles along, and are turned into pictures. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Reads the files of the dashboard from the folder in which they were built. */
export async function readDashboard(folder: URL): Promise<FileAt> {
  const files = await readBuiltFiles(folder);
  const page = files.get(PAGE);
  const [ours, embedded] = [withPolicy(page, `${POLICY}; frame-ancestors 'self'`), withPolicy(page, POLICY)];
  return (path) => {
    if (path === '/logo.svg') return ICON;
    if (PAGE_PATHS.test(path)) return path.startsWith(EMBEDS) ? embedded : ours;
    return files.get(path.slice(1)) ?? null;
  };
}

function withPolicy(page: Body | undefined, policy: string): Body | null {
  return page === undefined ? null : { ...page, headers: { 'content-security-policy': policy } };
}
