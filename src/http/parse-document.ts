import { type DocumentNode, type ParseOptions, parse, type Source } from 'graphql';
import { refuseFragments, refuseNesting } from './document-limits.ts';
import { refuseConditionalRoot } from './subscription-root.ts';

/** Maximum number of tokens in a document; 1,000 figures as literals have about 40,000. */
const MAX_TOKENS = 100_000;

/** Parses a document; throws a GraphQLError if it cannot be parsed, or is beyond what is executed of anybody. */
export function parseDocument(source: string | Source, options?: ParseOptions, parseText = parse): DocumentNode {
  const tooDeep = refuseNesting(typeof source === 'string' ? source : source.body);
  if (tooDeep !== null) throw tooDeep;
  const document = parseText(source, { ...options, maxTokens: MAX_TOKENS });
  const refused = refuseFragments(document) ?? refuseConditionalRoot(document);
  if (refused !== null) throw refused;
  return document;
}
