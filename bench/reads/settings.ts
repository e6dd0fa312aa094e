/**
 * The product, with and without its cache of answers; node:http and pg with one statement a question, which answers with the JSON that the database builds;
 * Yoga, Pothos and Prisma as their documentation puts them together; Mercurius with its compiler and its loaders.
 */
export const KINDS = ['milepost-hot', 'milepost-cold', 'hand-written', 'pothos', 'mercurius'] as const;

export type Kind = (typeof KINDS)[number];

/** A message of the driver to a server. */
export interface ToServer {
  /** Asks what was used so far; begins to note or to profile; asks for what was noted or sampled since. */
  readonly type: 'usage' | 'note' | 'noted' | 'profile' | 'profiled';
}

/** A message of a server to the driver. */
export type FromServer =
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'usage'; readonly cpuMicros: number; readonly peakMb: number }
  | { readonly type: 'noting' | 'profiling' }
  | { readonly type: 'noted'; readonly statements: readonly Sent[] }
  | { readonly type: 'profiled'; readonly functions: readonly SelfTime[] };

/** A function, and how much of the time it ran itself, without those that it called. */
export interface SelfTime {
  readonly name: string;
  readonly place: string;
  readonly ms: number;
}

/** A statement that a server sent, and the rows that came back. */
export interface Sent {
  readonly text: string;
  readonly rows: number;
}
