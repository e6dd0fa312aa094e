/** What the project's set-up hands to each test file through vitest's inject(). */
declare module 'vitest' {
  interface ProvidedContext {
    readonly backend: 'embedded' | 'postgres';
    /** A folder with the embedded template databases; given on the embedded backend. */
    readonly templates: string;
    /** The address of the server that has the template databases; given on the Postgres backend. */
    readonly serverUrl: string;
  }
}

/** A template database: without tables, with the tables, with the tables and the seed. */
export type Template = 'empty' | 'migrated' | 'seeded';
