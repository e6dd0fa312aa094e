import { type DocumentNode, GraphQLError, visit } from 'graphql';
import { MOST_ITEMS } from '../graphql/argument-limits.ts';
import { MAX_NESTING, tooDeep } from './document-limits.ts';

/** A write of 1,000 figures has some 20,000. Reading as many as 2 MiB could hold would keep the thread busy for a second. */
const MOST_VALUES = 100_000;
/** A shorter text cannot hold so many: each takes two characters. */
const SHORT_LENGTH = 2 * MOST_VALUES;
/** Spellings of U+0000 in a document. Only the parsed strings show whether one really contains it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for.
const MAY_BE_NUL = /\u0000|\\u(0000|\{0+\})/;
/** In a document: a variable, or the sign of one whose name stands apart. */
const VARIABLE = /\$([_A-Za-z]\w*)?/g;
const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = [...'"\\,[{'].map((sign) => sign.charCodeAt(0));

type Variables = Readonly<Record<string, unknown>>;

/** Whether JSON has more values than are read at all. What is no JSON is left to the parser. */
export function hasTooManyValues(json: string): boolean {
  if (json.length <= SHORT_LENGTH) return false;
  let count = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const sign = json.charCodeAt(at);
    if (sign === QUOTE) isText = !isText;
    else if (isText) at += sign === BACKSLASH ? 1 : 0;
    // Of each list and object the first value follows its bracket, and the others a comma.
    else if (sign === COMMA || sign === BRACKET || sign === BRACE) count += 1;
  }
  return count > MOST_VALUES;
}

/** The error for what has too many. */
export function tooManyValues(): GraphQLError {
  return new GraphQLError(`More than ${MOST_VALUES} values were sent at once. Send them in several requests.`, {
    extensions: { code: 'TOO_LARGE' },
  });
}

/** The variables whose names are in a document. Others have no effect, and would be kept with it. */
export function mentionedIn(query: string, variables: Variables): Variables {
  const names = new Set<string | undefined>();
  for (const [, name] of query.matchAll(VARIABLE)) names.add(name);
  if (names.has(undefined)) return variables;
  return Object.fromEntries(Object.entries(variables).filter(([name]) => names.has(name)));
}

/** The error if values are nested too deep, or are too many or too large, else null. */
export function refuseValues(value: unknown, depth = 0): GraphQLError | null {
  if (depth > MAX_NESTING) return tooDeep('The value of variables');
  if (typeof value === 'number' && !Number.isFinite(value))
    return wrong('A number in variables is larger than any that can be told apart.');
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value) && value.length > MOST_ITEMS.mutation)
    return wrong(`A list in variables has ${value.length} items; at most ${MOST_ITEMS.mutation} are accepted at once.`);
  for (const each of Array.isArray(value) ? value : Object.values(value)) {
    const refused = refuseValues(each, depth + 1);
    if (refused !== null) return refused;
  }
  return null;
}

/** The error if a string has a character that Postgres cannot store, else null. */
export function refuseTexts(query: string, document: DocumentNode, variables: Variables): GraphQLError | null {
  if (hasText(variables, (text) => text.includes('\0')) || (MAY_BE_NUL.test(query) && documentHasNul(document)))
    return wrong('A text contains the character U+0000, which is not allowed.');
  // In a document the parser already refuses escapes of lone surrogates.
  if (!query.isWellFormed() || hasText(variables, (text) => !text.isWellFormed()))
    return wrong('A text contains half of a surrogate pair, which is not a character.');
  return null;
}

function documentHasNul(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    StringValue: ({ value }) => {
      found ||= value.includes('\0');
    },
  });
  return found;
}

/** Whether any string passes a test. The nesting was limited before. */
function hasText(value: unknown, passes: (text: string) => boolean): boolean {
  if (typeof value === 'string') return passes(value);
  return typeof value === 'object' && value !== null && Object.values(value).some((each) => hasText(each, passes));
}

function wrong(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
