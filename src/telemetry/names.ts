/** So many names of operations are told apart. Clients choose them, and each is a few hundred bytes of every scrape. */
const MOST_NAMES = 100;
const NAME = /^[_A-Za-z]\w{0,63}$/;
const WITHOUT = 'unnamed';
const OTHERS = 'other';
/** What counts together, and so is no name of one operation. */
const TAKEN: ReadonlySet<string> = new Set([WITHOUT, OTHERS, 'unknown']);

/** Gives each operation the name under which it is counted. */
export type NameOperation = (name: string | null) => string;

/** The first names of valid operations are kept; those that come later, and long ones, are counted together. */
export function boundNames(most = MOST_NAMES): NameOperation {
  const known = new Set<string>();
  return (name) => {
    if (name === null) return WITHOUT;
    if (known.has(name)) return name;
    if (known.size >= most || !NAME.test(name) || TAKEN.has(name)) return OTHERS;
    known.add(name);
    return name;
  };
}
