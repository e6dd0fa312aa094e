/** Most clients send one of a few values of a header. */
const MOST = 100;
/** A longer value is not kept, so that clients cannot fill the memory. */
const LONGEST = 256;

/** Reads a value of a header once for all requests that send it. */
export function readOnce<Read>(read: (header: string) => Read): (header: string) => Read {
  const known = new Map<string, Read>();
  return (header) => {
    const before = known.get(header);
    if (before !== undefined) return before;
    const now = read(header);
    if (known.size >= MOST) known.clear();
    if (header.length <= LONGEST) known.set(header, now);
    return now;
  };
}
