import type { DocumentNode, GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { Asker } from '../execution/admission.ts';
import type { Execute } from '../execution/execute.ts';
import type { HotAnswers } from '../execution/hot-answers.ts';
import type { ErrorPolicy } from '../execution/payload.ts';
import { createTurns } from '../execution/turns.ts';
import type { Context, Viewer } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import { refuseLength } from './document-limits.ts';
import type { Documents } from './documents.ts';
import { parseDocument } from './parse-document.ts';
import type { ValidOperation } from './valid-operation.ts';
import { useOurValidation, type ValidationOptions } from './validation.ts';

/**
 * Limits of the document cache, in characters: for all documents, and for one.
 * A parsed document takes up to some hundred times its text, so a client that sends new large documents could fill the memory.
 */
const MOST_CHARACTERS = 512 * 1024;
const MOST_OF_ONE = 64 * 1024;

export interface YogaOptions extends ValidationOptions {
  readonly context: Omit<Context, 'viewer' | 'head'>;
  /** How queries and mutations are executed. */
  readonly execute: Execute;
  readonly errors: Pick<ErrorPolicy, 'mask'>;
  /** Keeps the answers of queries. */
  readonly hot: HotAnswers;
  /** The most that one operation may cost. */
  readonly maxCost: number;
  /** Which documents are executed. */
  readonly documents: Documents;
}

/** What is known of a request when its context is created. */
interface RequestContext {
  readonly viewer: Viewer;
}

export type GraphQLHandler = ReturnType<typeof createGraphQLHandler>;

/**
 * Parses, validates and executes operations for every transport, through getEnveloped, with masked errors and our own execution. Yoga's
 * HTTP handling is not used.
 */
export function createGraphQLHandler({
  context,
  execute,
  errors,
  hot,
  maxCost,
  documents,
  ...validation
}: YogaOptions) {
  const { getEnveloped } = createYoga<RequestContext, Context>({
    schema,
    landingPage: false,
    graphiql: false,
    logging: false,
    context: ({ viewer }) => ({ ...context, viewer }),
    maskedErrors: { maskError: (error) => errors.mask(error) },
    parserAndValidationCache: { documentCache: cacheByText<DocumentNode>(), errorCache: cacheByText<Error>() },
    plugins: [useOurValidation(validation), useOurExecution(withRequestIds(execute, errors))],
  });
  /** Operations that were found valid, by their text with variables. */
  const valid = cacheByText<ValidOperation>();
  const lengths = cacheByText<{ readonly refused: GraphQLError | null }>();
  /** The error if a document is longer than one without a key may be, else null. */
  const refuseLong = (text: unknown): GraphQLError | null => {
    if (typeof text !== 'string' || documents.has(text)) return null;
    const known = lengths.get(text) ?? { refused: refuseLength(text) };
    lengths.set(text, known);
    return known.refused;
  };
  const { suggestions } = validation;
  return { getEnveloped, hot, valid, maxCost, refuseLong, documents, suggestions, turns: createTurns() };
}

/** Masks errors before Yoga does, which does not know the request. */
function withRequestIds(execute: Execute, { mask }: YogaOptions['errors']): Execute {
  return async (args) => {
    const result = await execute(args);
    if (result.errors === undefined) return result;
    const { asker } = args.contextValue as { readonly asker?: Asker };
    return { ...result, errors: result.errors.map((error) => mask(error, asker?.requestId)) };
  };
}

function cacheByText<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({
    maxSize: MOST_CHARACTERS,
    maxEntrySize: MOST_OF_ONE,
    sizeCalculation: (_value, text) => Math.max(1, text.length),
  });
}

function useOurExecution(execute: Execute): Plugin {
  return {
    onParse: ({ parseFn, setParseFn }) => {
      setParseFn((source, options) => parseDocument(source, options, parseFn));
    },
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
  };
}
