/** What the project's set-up hands to each test file through vitest's inject(). */
declare module 'vitest' {
  interface ProvidedContext {
    readonly backend: 'embedded' | 'postgres';
    /** The folders of the embedded template databases, null for one that no test of this run needs; given on the embedded backend. */
    readonly templates: Readonly<Record<Template, string | null>>;
    /** The folder for copies of them, removed after the run; given on the embedded backend. */
    readonly copies: string;
    /** The address of the server that has the template databases; given on the Postgres backend. */
    readonly serverUrl: string;
    /** The folder of a stopped cluster with the template databases; given on the Postgres backend. */
    readonly cluster: string;
  }
}

/** A template database: without tables, with the tables, with the tables and the seed. */
export type Template = 'empty' | 'migrated' | 'seeded';
