import type { DocumentNode } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { Execute } from '../execution/execute.ts';
import type { Context, Viewer } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import type { Logger } from '../logger.ts';
import { refuseFragments, refuseNesting } from './document-limits.ts';
import { createErrorPolicy } from './error-policy.ts';
import { refuseConditionalRoot } from './subscription-root.ts';

/** An operation larger than this in its lexical tokens is refused unread; 1,000 figures written out are about 40,000. */
const MAX_TOKENS = 100_000;
/**
 * What is remembered of documents: so many characters of them in all, none longer than that. A parsed one takes up to some
 * hundred times its text, and whoever sends a new large one each time is not to fill the memory with them.
 */
const MOST_CHARACTERS = 1024 * 1024;
const MOST_OF_ONE = 64 * 1024;

export interface YogaOptions {
  readonly context: Omit<Context, 'viewer' | 'head'>;
  /** How queries and mutations are executed. */
  readonly execute: Execute;
  readonly logger: Logger;
}

/** What is known of a request when its context is made. */
interface RequestContext {
  readonly viewer: Viewer;
}

export type GraphQLHandler = ReturnType<typeof createGraphQLHandler>;

/** Understands and executes operations for every transport, by its getEnveloped, with errors masked and our way of executing. What it has for HTTP is not used. */
export function createGraphQLHandler({ context, execute, logger }: YogaOptions) {
  const { mask: maskError } = createErrorPolicy(logger);
  return createYoga<RequestContext, Context>({
    schema,
    landingPage: false,
    graphiql: false,
    logging: false,
    context: ({ viewer }) => ({ ...context, viewer }),
    maskedErrors: { maskError },
    parserAndValidationCache: { documentCache: rememberByText<DocumentNode>(), errorCache: rememberByText<Error>() },
    plugins: [useOurExecution(execute)],
  });
}

function rememberByText<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({
    maxSize: MOST_CHARACTERS,
    maxEntrySize: MOST_OF_ONE,
    sizeCalculation: (_value, text) => Math.max(1, text.length),
  });
}

function useOurExecution(execute: Execute): Plugin {
  return {
    onParse: ({ parseFn, setParseFn }) => {
      setParseFn((source, options) => {
        const tooDeep = refuseNesting(String(source));
        if (tooDeep !== null) throw tooDeep;
        const document: DocumentNode = parseFn(source, { ...options, maxTokens: MAX_TOKENS });
        const refused = refuseFragments(document) ?? refuseConditionalRoot(document);
        if (refused !== null) throw refused;
        return document;
      });
    },
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
  };
}
