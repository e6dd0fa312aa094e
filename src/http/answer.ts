import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Answer } from '../execution/answer.ts';
import { sendBody } from './body.ts';
import { readOnce } from './by-header.ts';
import { noteEnd } from './followed.ts';

/** How long a client that gets 503 waits before it tries again, in seconds. */
const RETRY_AFTER_SECONDS = 2;
const JSON_TYPE = 'application/json';
const RESPONSE_TYPE = 'application/graphql-response+json';
const EVENTS_TYPE = 'text/event-stream';
/** In order of preference when the client has none. */
const TYPES = [JSON_TYPE, RESPONSE_TYPE, EVENTS_TYPE] as const;

/** The content types of answers. */
export type AnswerType = (typeof TYPES)[number];

/**
 * The status of an answer without data, by the code of its error. With application/json the protocol demands 200 for errors of the
 * operation itself.
 */
const STATUS: Readonly<Record<string, number>> = {
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  BAD_USER_INPUT: 400,
  BAD_REQUEST: 400,
  TOO_COSTLY: 400,
  // It only counts others.
  MORE_ERRORS: 200,
  PERSISTED_DOCUMENT_NOT_FOUND: 400,
  UNAUTHENTICATED: 401,
  DOCUMENT_NOT_TRUSTED: 403,
  ORIGIN_NOT_ALLOWED: 403,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_CONNECTIONS: 429,
  TOO_MANY_SUBSCRIPTIONS: 429,
  RATE_LIMITED: 429,
  SLOW_CONSUMER: 429,
  INTERNAL_SERVER_ERROR: 500,
  TEMPORARILY_UNAVAILABLE: 503,
  TIMED_OUT: 504,
  // As Apollo's server does, so that no proxy replaces the error that the client looks for.
  PERSISTED_QUERY_NOT_SUPPORTED: 200,
};
const OF_THE_OPERATION: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'PERSISTED_DOCUMENT_NOT_FOUND',
  'DOCUMENT_NOT_TRUSTED',
]);
/** Codes that decide the status even if there is data, which may be null. */
const EVEN_WITH_DATA: ReadonlySet<unknown> = new Set(['TOO_COSTLY', 'TEMPORARILY_UNAVAILABLE', 'TIMED_OUT']);
const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  UNAUTHENTICATED: { 'www-authenticate': 'Bearer' },
  TEMPORARILY_UNAVAILABLE: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  PERSISTED_QUERY_NOT_SUPPORTED: { 'cache-control': 'private, no-cache, must-revalidate' },
};

/** The content types that a client accepts, the preferred one first; all of them without the header. */
export function acceptedTypes(accept: string | undefined): readonly AnswerType[] {
  return accept === undefined || accept.trim() === '' ? TYPES : typesIn(accept);
}

const typesIn = readOnce(readAccept);

function readAccept(accept: string): readonly AnswerType[] {
  const ranges = accept
    .toLowerCase()
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
      const parameterOf = (name: string): string | undefined =>
        parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
      const speaksUtf8 = ['utf-8', '"utf-8"', undefined].includes(parameterOf('charset'));
      return { type, quality: speaksUtf8 ? Number(parameterOf('q') ?? 1) : 0 };
    });
  const ranked = TYPES.map((type) => {
    const matching = ranges.map(({ type: range, quality }, place) => ({
      quality,
      place,
      fit: fitOf(range, type),
    }));
    // The most precise range decides: "*/*, text/event-stream;q=0" accepts anything except event streams.
    const best = matching.filter(({ fit }) => fit > 0).sort((one, other) => other.fit - one.fit)[0];
    return { type, quality: best?.quality ?? 0, place: best?.place ?? 0 };
  });
  return ranked
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality || one.place - other.place)
    .map(({ type }) => type);
}

/** Who may keep an answer: caches of many clients only one that everyone may have; nobody that of a mutation. */
export type Sharing = 'public' | 'private' | 'nobody';

/** Sends the answer to an operation that was executed. Whoever keeps it asks each time whether it is still current. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  type: AnswerType,
  sharing: Sharing,
): Promise<void> {
  noteEnd(response, 'answered', answer.errors);
  response.appendHeader('vary', 'Accept, Authorization');
  return sendBody(request, response, statusOf(answer, type), {
    bytes: answer.bytes,
    type: `${type}; charset=utf-8`,
    caching: answer.isWhole && sharing !== 'nobody' ? `${sharing}, no-cache` : 'no-store',
    headers: headersOf(answer.errors),
  });
}

/** Sends the errors of a request that was not executed. */
export function sendErrors(
  response: ServerResponse,
  errors: readonly GraphQLError[],
  type: AnswerType = JSON_TYPE,
  status = statusOf({ hasData: false, errors }, type),
): void {
  noteEnd(response, 'refused', errors);
  const body = JSON.stringify({ errors } satisfies ExecutionResult);
  response
    .writeHead(status, {
      'cache-control': 'no-store',
      'content-type': `${type}; charset=utf-8`,
      'content-length': Buffer.byteLength(body),
      ...headersOf(errors),
    })
    .end(body);
}

/** Refuses a request of which nothing was done. */
export function sendError(response: ServerResponse, error: GraphQLError): void {
  sendErrors(response, [error]);
}

/** The highest status of all errors. */
function statusOf({ hasData, errors }: Pick<Answer, 'hasData' | 'errors'>, type: AnswerType): number {
  const deciding = errors.filter(({ extensions: { code } }) =>
    hasData ? EVEN_WITH_DATA.has(code) : !(type === JSON_TYPE && OF_THE_OPERATION.has(code)),
  );
  return deciding.reduce((status, { extensions }) => Math.max(status, STATUS[String(extensions.code)] ?? 500), 200);
}

function headersOf(errors: readonly GraphQLError[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...errors.map(headersOfError));
}

function headersOfError({ extensions: { code, retryAfter } }: GraphQLError): Readonly<Record<string, string>> {
  return typeof retryAfter === 'number' ? { 'retry-after': String(retryAfter) } : (HEADERS[String(code)] ?? {});
}

function fitOf(range: string, type: AnswerType): number {
  if (range === type) return 3;
  if (range === `${type.split('/', 1)[0]}/*`) return 2;
  return range === '*/*' || range === '*' ? 1 : 0;
}
