/** Draws whole numbers from 0 to one below the given number. */
export type Pick = (below: number) => number;

/** Another seed in each run, or the one that the environment names, to repeat a failure. */
export function seedOfRun(): number {
  return Number(process.env.MILEPOST_RANDOM_SEED ?? Math.floor(Math.random() * 2 ** 31));
}

/** The same numbers from the same seed (mulberry32). */
export function numbersFrom(seed: number): Pick {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
