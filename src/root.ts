import { fileURLToPath } from 'node:url';

/** The project's folder, one level above src/ and also above the bundles in dist/. */
export const ROOT = new URL('..', import.meta.url);

export const MIGRATIONS = fileURLToPath(new URL('prisma/migrations', ROOT));
