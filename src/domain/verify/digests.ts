import { findBrokenLinks } from '../../changes/chain.ts';
import { reportAll, type Verification } from './verification.ts';

/** Compares the stored digest of each log entry with that of the entry's content and of the row it is about. */
export async function verifyDigests(verification: Verification): Promise<void> {
  for await (const { position, kind, slug, digest } of findBrokenLinks(verification.db)) {
    reportAll(verification, [
      {
        about: `the log at ${position}`,
        kept: `${kind}${slug === null ? '' : ` of ${slug}`} with the digest ${digest}`,
        recomputed: 'another digest: the entry, or what it is about, is not what was written',
      },
    ]);
  }
}
