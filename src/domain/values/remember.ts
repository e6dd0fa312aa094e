/** Nothing that is worth remembering has a longer name, and what clients send can be of any length. */
const LONGEST = 40;

/** A pure function of a text that remembers its newest results, at most so many. They are shared, so nobody may change them. */
export function remember<Result>(most: number, work: (text: string) => Result): (text: string) => Result {
  const results = new Map<string, Result>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    const result = Object.freeze(work(text));
    if (text.length > LONGEST) return result;
    const oldest = results.size < most ? undefined : results.keys().next().value;
    if (oldest !== undefined) results.delete(oldest);
    results.set(text, result);
    return result;
  };
}
