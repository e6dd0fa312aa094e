import { GraphQLError } from 'graphql';
import { documentIdOf } from '../digest.ts';
import { badRequest, type OperationParams } from './operation-params.ts';

/** As many characters of an identifier are repeated. */
const MOST_SHOWN = 100;

/** The documents that the server has, and whether it executes others. */
export interface Documents {
  /** What a client has sent, with the text of the document that it names; an error if that is not to be executed. */
  find(params: OperationParams): OperationParams | GraphQLError;
  /** Whether this text was vouched for, so that it may be as long as it is. */
  has(text: string): boolean;
}

/** Every document may be sent, and none is kept. */
export const ANY_DOCUMENT: Documents = {
  find: (params) =>
    find(params, () =>
      notFound('This server keeps no documents, so none has a documentId. Send the document itself, as query.'),
    ),
  has: () => false,
};

/** Only these documents are executed, by their identifiers or as a whole; the texts of `others` as well, which have no identifier but their digest. */
export function trustOnly(manifest: ReadonlyMap<string, string>, others: Iterable<string> = []): Documents {
  const byId = new Map<string, string>();
  const texts = new Set([...manifest.values(), ...others]);
  // Whatever a manifest calls it, a document is also known by the identifier that every server can work out.
  for (const text of texts) byId.set(documentIdOf(text), text);
  for (const [id, text] of manifest) byId.set(id, text);
  return {
    find: (params) => {
      const found = find(params, (id) => byId.get(id) ?? notFound(`This server has no document "${shown(id)}".`));
      if (found instanceof GraphQLError) return found;
      const { query } = found;
      // What is no text is refused later, with what is expected.
      return typeof query !== 'string' || query === '' || texts.has(query) ? found : notTrusted();
    },
    has: (text) => texts.has(text),
  };
}

function find(params: OperationParams, look: (id: string) => string | GraphQLError): OperationParams | GraphQLError {
  const { documentId, query } = params;
  if (documentId == null || documentId === '') return params;
  if (typeof documentId !== 'string') return badRequest('documentId must be a string.');
  if (query != null && query !== '')
    return badRequest('The request has a query and a documentId. Send one of them: either is a whole document.');
  const found = look(documentId);
  return found instanceof GraphQLError ? found : { ...params, query: found };
}

function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'PERSISTED_DOCUMENT_NOT_FOUND' } });
}

function notTrusted(): GraphQLError {
  return new GraphQLError(
    'This server executes only the documents that it was given, and this is none of them. Send one of those exactly as it is there, or its documentId.',
    { extensions: { code: 'DOCUMENT_NOT_TRUSTED' } },
  );
}

function shown(id: string): string {
  return id.length > MOST_SHOWN ? `${id.slice(0, MOST_SHOWN)}…` : id;
}
