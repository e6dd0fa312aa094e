import { type DocumentNode, GraphQLError, Kind, Lexer, Source, TokenKind, visit } from 'graphql';

/** Parsing, validation and execution recurse once per level; thousands of levels overflow the stack. */
export const MAX_NESTING = 200;
/** A client with one fragment for each of its components has a few hundred. */
const MAX_FRAGMENTS = 1_000;

/** The most that a client without a key sends as a document. Those of the pages and of the examples are a tenth of it. */
const OPEN = { bytes: 16 * 1024, tokens: 2_000 } as const;

/** A shorter text is never too long: a token has a character at least. */
export const LONG_CHARACTERS = OPEN.tokens;

/** The error if a document is longer than one without a key may be, else null. */
export function refuseLength(text: string): GraphQLError | null {
  if (text.length <= LONG_CHARACTERS) return null;
  const bytes = Buffer.byteLength(text);
  const isLong = bytes > OPEN.bytes;
  if (!isLong && countTokens(text) <= OPEN.tokens) return null;
  const is = isLong ? `${bytes} bytes` : `more than ${OPEN.tokens} tokens`;
  const broken = isLong
    ? { measure: 'bytes', bytes, limit: OPEN.bytes }
    : // They are not counted to the end.
      { measure: 'tokens', limit: OPEN.tokens };
  return refuse(
    `The document has ${is}; at most ${broken.limit} are allowed without a key. Send values as variables.`,
    broken,
  );
}

/** The number of tokens, as far as they matter. What is no token is left to the parser. */
function countTokens(text: string): number {
  const lexer = new Lexer(new Source(text));
  let count = 0;
  try {
    while (count <= OPEN.tokens && lexer.advance().kind !== TokenKind.EOF) count += 1;
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
  }
  return count;
}

/** The error if a document's text is nested too deep to be parsed, else null. */
export function refuseNesting(text: string): GraphQLError | null {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
      case '[':
      case '(':
        depth += 1;
        if (depth > MAX_NESTING) return tooDeep('The document');
        break;
      case '}':
      case ']':
      case ')':
        depth -= 1;
        break;
      case '"':
        at = endOfString(text, at);
        break;
      case '#':
        at = endOfLine(text, at);
        break;
    }
  }
  return null;
}

/** The error if a document has too many fragments, or they nest too deep, else null. */
export function refuseFragments(document: DocumentNode): GraphQLError | null {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  if (fragments.length === 0) return null;
  if (fragments.length > MAX_FRAGMENTS)
    return refuse(`The document has ${fragments.length} fragments; at most ${MAX_FRAGMENTS} are allowed.`, {
      measure: 'fragments',
      fragments: fragments.length,
      limit: MAX_FRAGMENTS,
    });
  return depthOf(document) > MAX_NESTING ? tooDeep('The document') : null;
}

/** The number of selection sets around the deepest field, with all fragments resolved. */
function depthOf(document: DocumentNode): number {
  /** By fragment name, and '' for all operations: the own depth, and the depth at which each fragment is spread. */
  const parts = new Map<string, { depth: number; readonly spreads: Map<string, number> }>();
  let part = { depth: 0, spreads: new Map<string, number>() };
  let depth = 0;
  const begin = (name: string): void => {
    part = parts.get(name) ?? { depth: 0, spreads: new Map() };
    parts.set(name, part);
  };
  visit(document, {
    OperationDefinition: () => begin(''),
    FragmentDefinition: ({ name }) => begin(name.value),
    SelectionSet: {
      enter: () => {
        depth += 1;
        part.depth = Math.max(part.depth, depth);
      },
      leave: () => {
        depth -= 1;
      },
    },
    FragmentSpread: ({ name }) => {
      part.spreads.set(name.value, Math.max(part.spreads.get(name.value) ?? 0, depth));
    },
  });
  const known = new Map<string, number>();
  const measure = (name: string): number => {
    const before = known.get(name);
    const own = parts.get(name);
    if (before !== undefined || own === undefined) return before ?? 0;
    // A fragment that contains itself is reported by validation.
    known.set(name, 0);
    const through = [...own.spreads].map(([spread, at]) => at + measure(spread));
    // Not with Math.max(...): a call takes a limited number of arguments.
    const deepest = through.reduce((most, one) => Math.max(most, one), own.depth);
    known.set(name, deepest);
    return deepest;
  };
  return measure('');
}

function endOfString(text: string, start: number): number {
  if (text.startsWith('"""', start)) {
    for (let end = text.indexOf('"""', start + 3); end !== -1; end = text.indexOf('"""', end + 3))
      if (text[end - 1] !== '\\') return end + 2;
    return text.length;
  }
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"' || text[at] === '\n') return at;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) if (text[at] === '\n' || text[at] === '\r') return at;
  return text.length;
}

/** The error for what is nested too deep. */
export function tooDeep(what: string): GraphQLError {
  return refuse(`${what} is nested more than ${MAX_NESTING} levels deep, which is the limit.`, {
    measure: 'levels',
    limit: MAX_NESTING,
  });
}

/** Which limit was broken, and by how much where that is known. */
interface Broken {
  readonly measure: string;
  readonly limit: number;
  readonly bytes?: number;
  readonly fragments?: number;
}

function refuse(message: string, broken: Broken): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'TOO_COSTLY', ...broken } });
}
