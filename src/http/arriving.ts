/** Memory for what arrives of large bodies, or of WebSocket messages, in all: 32 of the largest that are accepted. */
const MAX_ARRIVING_BYTES = 64 * 1024 * 1024;
/** A smaller one is not counted: a connection takes about as much. */
const SMALL_BYTES = 64 * 1024;

/** What is arriving, and how many bytes of it are kept. */
export interface Arriving<One extends object> {
  /** Notes that so many bytes are kept for one. Lets the one go that began first, as often as all together are too many. */
  hold(one: One, bytes: number): void;
  /** It has arrived, or is gone. */
  release(one: One): void;
}

/**
 * Bounds the memory for what arrives slowly, or never as a whole. Whoever sends at a normal pace is done long before it is the first of so
 * many, and whoever sends little is not counted at all.
 */
export function boundArriving<One extends object>(
  letGo: (one: One) => void,
  maxBytes = MAX_ARRIVING_BYTES,
): Arriving<One> {
  // In the order in which they became large.
  const large = new Map<One, number>();
  let total = 0;
  const release = (one: One): void => {
    total -= large.get(one) ?? 0;
    large.delete(one);
  };
  return {
    hold: (one, bytes) => {
      if (bytes <= SMALL_BYTES) return release(one);
      total += bytes - (large.get(one) ?? 0);
      large.set(one, bytes);
      for (const first of large.keys()) {
        if (total <= maxBytes) return;
        release(first);
        letGo(first);
      }
    },
    release,
  };
}
