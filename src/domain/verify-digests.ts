import { findBrokenLinks } from '../changes/chain.ts';
import { tellAll, type Verification } from './verification.ts';

/** Compares the digest of each entry of the log with what the entry, and that which it is about, say now. */
export async function verifyDigests(verification: Verification): Promise<void> {
  for await (const { position, kind, slug, digest } of findBrokenLinks(verification.db)) {
    tellAll(verification, [
      {
        about: `the log at ${position}`,
        kept: `${kind}${slug === null ? '' : ` of ${slug}`} with the digest ${digest}`,
        recomputed: 'another digest: the entry, or what it is about, is not what was written',
      },
    ]);
  }
}
