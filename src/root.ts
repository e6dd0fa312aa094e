/** The project's folder; one step up holds for src/ and for the bundles in dist/. */
export const ROOT = new URL('..', import.meta.url);
