/** So many names of operations are told apart. Clients choose them, and each is a few hundred bytes of every scrape. */
const MOST_NAMES = 100;
/** Of them so many are of clients without a key, who may be anybody, and must not take the place of all others. */
const MOST_OF_ANYBODY = 50;
const NAME = /^[_A-Za-z]\w{0,63}$/;
const WITHOUT = 'unnamed';
const OTHERS = 'other';
/** What counts together, and so is no name of one operation. */
const TAKEN: ReadonlySet<string> = new Set([WITHOUT, OTHERS, 'unknown']);

/** Gives each operation the name under which it is counted. A name of anybody is one from a client without a key. */
export type NameOperation = (name: string | null, isOfAnybody: boolean) => string;

/** The first names of valid operations are kept, and our own; those that come later, and long ones, are counted together. */
export function boundNames(own: readonly string[] = [], most = MOST_NAMES): NameOperation {
  const known = new Set(own);
  let [kept, ofAnybody] = [0, 0];
  return (name, isOfAnybody) => {
    if (name === null) return WITHOUT;
    if (known.has(name)) return name;
    if (kept >= most || (isOfAnybody && ofAnybody >= MOST_OF_ANYBODY) || !NAME.test(name) || TAKEN.has(name))
      return OTHERS;
    known.add(name);
    kept += 1;
    if (isOfAnybody) ofAnybody += 1;
    return name;
  };
}
