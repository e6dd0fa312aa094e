import { fileURLToPath } from 'node:url';

/** The project's folder; one step up holds for src/ and for the bundles in dist/. */
export const ROOT = new URL('..', import.meta.url);

export const MIGRATIONS = fileURLToPath(new URL('prisma/migrations', ROOT));
