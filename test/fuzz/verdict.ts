/** What no answer may contain, whatever was sent. */
const LEAKS: Readonly<Record<string, RegExp>> = {
  'a stack': /\n\s+at |\.(?:js|mjs|ts):\d+:\d+/,
  'a path of the machine': /node_modules|file:\/\/|\/dist\/|\/home\/|\/tmp\//,
  SQL: /\b(?:select|insert into|update|delete from)\b[^"]{0,80}\b(?:from|set|values|where)\b|\\?"(?:Figure|Subject|Observation)\\?"\.\\?"\w/i,
  'a version': /\bnode(?:\.js)?[ /]v?\d+\.\d+|PostgreSQL \d|prisma[ /@]\d|graphql-js/i,
  'an error of our own': /INTERNAL_SERVER_ERROR|Internal server error/,
};
/** Shed load and operations that took too long. */
const ALLOWED_5XX: ReadonlySet<number> = new Set([503, 504]);

/** What is wrong with an answer; empty if nothing is. What was sent is not held against it when it is quoted. */
export function judge(status: number | null, answer: string, sent: string): readonly string[] {
  const faults = Object.entries(LEAKS).flatMap(([what, pattern]) => {
    const [found] = pattern.exec(answer) ?? [];
    return found === undefined || sent.includes(found) ? [] : [`it has ${what}: ${found}`];
  });
  if (status !== null && status >= 500 && !ALLOWED_5XX.has(status)) faults.push(`its status is ${status}`);
  return faults;
}
