import type { Read } from '../api/use-live.ts';
import { clock } from '../format/time.ts';
import { messages } from '../i18n/language.ts';

/** Says that what a page reads cannot be read now, and of when the numbers on it are. */
export function Failure({ reads }: { readonly reads: readonly Pick<Read<unknown>, 'failed' | 'at'>[] }) {
  const m = messages.value;
  if (!reads.some(({ failed }) => failed)) return null;
  const times = reads.map(({ at }) => at?.getTime());
  const known = times.filter((time) => time !== undefined);
  return (
    <p role="alert" class="banner">
      {known.length === times.length ? m.failedSince(clock(new Date(Math.min(...known)))) : m.failedPageNow}
    </p>
  );
}
