import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import { boundArriving } from './arriving.ts';
import { badRequest, type OperationParams } from './operation-params.ts';
import { isTooFine, takePart } from './parts.ts';
import type { Sent } from './sent.ts';
import { hasTooManyValues, tooManyValues } from './variables.ts';

/** A write of 1,000 figures has a few hundred KiB. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;
/** How much of a body that is too large is still read and dropped. A client that goes on sending would not see the answer otherwise. */
const MAX_FORGOTTEN_BYTES = 16 * MAX_BODY_BYTES;
/** How long a client has to read why no more is read. */
const CLOSE_TIMEOUT_MS = 1_000;
const PARAMETERS: readonly string[] = ['query', 'documentId', 'operationName', 'variables', 'extensions'];
/** How many parameters a form may have: to take a million apart would keep the thread busy for half a second. */
const MOST_OF_FORM = 100;
/** A page of another origin can send these only after the browser has asked, unlike forms and plain text. */
const JSON_TYPES: readonly string[] = ['application/json', 'application/graphql+json'];
const TAKEN = 'Send JSON with "Content-Type: application/json".';

/**
 * Takes the operation of a GET or POST request as it was sent; returns the error if there is none. Rejects when the client goes away.
 */
export async function receiveOperation(request: IncomingMessage): Promise<Sent | GraphQLError> {
  if (request.method === 'GET') {
    const { url = '' } = request;
    return { bytes: url.length, read: () => parseForm(searchOf(url)) };
  }
  const parse = parserOf(request);
  if (parse instanceof GraphQLError) return parse;
  const body = await readBody(request);
  if (body instanceof GraphQLError) return body;
  // It has grown by doubling, so there may be more of it than was sent.
  return { bytes: body.length, kept: body.buffer.byteLength, read: () => readText(body, parse) };
}

function readText(body: Buffer, parse: Parse): OperationParams | GraphQLError {
  if (!isUtf8(body)) return badRequest('The body is not in UTF-8.');
  const text = body.toString('utf8');
  // .NET's encoder writes a byte order mark.
  return parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
}

/** Whether the Content-Length exceeds the limit. */
export function announcesTooLargeBody({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES;
}

/** The error for a body above the limit. */
function tooLarge(): GraphQLError {
  return new GraphQLError(
    `The body has more than ${MAX_BODY_BYTES} bytes, which is the limit. Send it in several requests.`,
    { extensions: { code: 'TOO_LARGE' } },
  );
}

/** Whether the body has one of the types in which a mutation may be sent. */
export function writesAsJson({ headers }: IncomingMessage): boolean {
  return JSON_TYPES.includes(partsOf(headers['content-type'] ?? '')[0] ?? '');
}

/** The error for a mutation in another type. */
export function refuseWriting(): GraphQLError {
  return unsupported(`A mutation is sent as JSON. ${TAKEN}`);
}

type Parse = (text: string) => OperationParams | GraphQLError;

/** Chooses the parser by content type. Types may be in any case and have a charset; only UTF-8 is accepted. */
function parserOf({ headers }: IncomingMessage): Parse | GraphQLError {
  const given = headers['content-type'];
  const encoding = headers['content-encoding'] ?? 'identity';
  if (given === undefined || given.trim() === '') return unsupported(`The request has no Content-Type. ${TAKEN}`);
  if (encoding.toLowerCase() !== 'identity')
    return unsupported(
      `The body has the Content-Encoding "${encoding}", which is not supported. Send it without an encoding.`,
    );
  const [type = '', ...parameters] = partsOf(given);
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset))
    return unsupported(`The body is in the character set "${charset}". Send it in UTF-8.`);
  if (JSON_TYPES.includes(type)) return parseJson;
  switch (type) {
    case 'application/graphql':
      return (query) => ({ query });
    case 'application/x-www-form-urlencoded':
      return readForm;
    default:
      return unsupported(`The Content-Type "${given}" is not supported. ${TAKEN}`);
  }
}

/** The type and its parameters. */
function partsOf(contentType: string): readonly string[] {
  return (
    contentType
      .toLowerCase()
      // Some clients send a list.
      .split(',', 1)
      .flatMap((one) => one.split(';'))
      .map((part) => part.trim())
  );
}

/** Of all connections: a body that was let go makes its request fail like one whose client went away. */
const arriving = boundArriving<IncomingMessage>((request) =>
  request.destroy(new Error('Too much is arriving at once.')),
);

/** The whole body, or why it is not read. */
async function readBody(request: IncomingMessage): Promise<Buffer | GraphQLError> {
  if (announcesTooLargeBody(request)) {
    forgetRest(request, 0);
    return tooLarge();
  }
  // One growing buffer: a list of chunks of one byte each would take some hundred times as much memory.
  let body = Buffer.alloc(0);
  let bytes = 0;
  let parts = 0;
  return new Promise((resolve, reject) => {
    const refuse = (error: GraphQLError, forget: (request: IncomingMessage, taken: number) => void): void => {
      request.off('data', take);
      arriving.release(request);
      forget(request, bytes);
      resolve(error);
    };
    const take = (chunk: Buffer): void => {
      const before = bytes;
      bytes += chunk.length;
      parts += 1;
      if (bytes > MAX_BODY_BYTES) refuse(tooLarge(), forgetRest);
      else if (isTooFine(parts, bytes)) refuse(tooFine(), cutOffRest);
      else keep(chunk, before);
    };
    const keep = (chunk: Buffer, before: number): void => {
      takePart(request);
      if (bytes > body.length) {
        body = Buffer.concat([body.subarray(0, before)], Math.max(bytes, 2 * body.length));
        arriving.hold(request, body.length);
      }
      chunk.copy(body, before);
    };
    request.on('data', take);
    request.once('end', () => {
      arriving.release(request);
      resolve(body.subarray(0, bytes));
    });
    request.once('error', reject);
    request.once('close', () => {
      arriving.release(request);
      if (!request.complete) reject(new Error('The client went away before its request was complete.'));
    });
  });
}

function tooFine(): GraphQLError {
  return badRequest(
    'The body comes in thousands of tiny parts. Send larger ones, or all at once with a Content-Length.',
  );
}

/** Reads no more; the client has some time to read why. */
function cutOffRest(request: IncomingMessage): void {
  request.on('error', () => undefined);
  request.pause();
  setTimeout(() => request.destroy(), CLOSE_TIMEOUT_MS).unref();
}

/** Reads on, so that the client sees the answer. The rest comes in no smaller parts than what is kept. */
function forgetRest(request: IncomingMessage, taken: number): void {
  let bytes = 0;
  let parts = 0;
  const forget = (chunk: Buffer): void => {
    bytes += chunk.length;
    parts += 1;
    if (taken + bytes > MAX_FORGOTTEN_BYTES) request.destroy();
    else if (isTooFine(parts, bytes)) {
      request.off('data', forget);
      cutOffRest(request);
    } else takePart(request);
  };
  request.on('error', () => undefined);
  request.on('data', forget);
}

function readForm(text: string): OperationParams | GraphQLError {
  // Ends at the first one too many.
  if (text.split('&', MOST_OF_FORM + 1).length > MOST_OF_FORM)
    return badRequest(`The form has more than ${MOST_OF_FORM} parameters.`);
  return parseForm(new URLSearchParams(text));
}

function searchOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
}

function parseForm(search: URLSearchParams): OperationParams | GraphQLError {
  const params: Record<string, unknown> = {};
  for (const name of PARAMETERS) {
    const text = search.get(name);
    if (text === null || text === '') continue;
    params[name] = text;
    if (name !== 'variables' && name !== 'extensions') continue;
    const value = parse(text, `The parameter ${name} is not JSON.`);
    if (value instanceof GraphQLError) return value;
    params[name] = value;
  }
  return params;
}

function parseJson(text: string): OperationParams | GraphQLError {
  const value = parse(text, 'The body is not JSON.');
  if (value instanceof GraphQLError) return value;
  if (Array.isArray(value)) return badRequest('The body is a list. Send one operation in each request.');
  if (typeof value !== 'object' || value === null) return badRequest('The body is not a JSON object with a query.');
  const unknown = Object.entries(value).find(([name, given]) => given !== null && !PARAMETERS.includes(name));
  if (unknown !== undefined)
    return badRequest(`The body has the unknown parameter "${unknown[0]}"; there are ${PARAMETERS.join(', ')}.`);
  return value;
}

/** The value, or the error. Values are counted here, where nothing is encoded any more, and nothing else is around the JSON. */
function parse(text: string, refusal: string): unknown {
  if (hasTooManyValues(text)) return tooManyValues();
  try {
    return JSON.parse(text);
  } catch {
    // The name of the parameter is more helpful than the parser's position.
    return badRequest(refusal);
  }
}

function unsupported(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNSUPPORTED_MEDIA_TYPE' } });
}
