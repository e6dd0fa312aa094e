import { createHash } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { encode } from './encoding.ts';

/** Characters of the digest in an ETag: 132 bits. */
const TAG_LENGTH = 22;

/** A body with the headers that say what it is. */
export interface Body {
  readonly bytes: Buffer;
  readonly type: string;
  /** The Cache-Control header. */
  readonly caching: string;
  readonly headers?: OutgoingHttpHeaders;
}

const tags = new WeakMap<Buffer, string>();

/**
 * Sends a body, compressed if the client accepts it, with an ETag. A GET request that names the ETag is answered with 304 and without the body.
 */
export async function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  { bytes: body, type, caching, headers = {} }: Body,
): Promise<void> {
  const { method } = request;
  const tag = tagOf(body);
  response.appendHeader('vary', 'Accept-Encoding');
  const common = { ...headers, 'cache-control': caching, etag: tag };
  if (status === 200 && (method === 'GET' || method === 'HEAD') && names(request.headers['if-none-match'], tag)) {
    response.writeHead(304, common).end();
    return;
  }
  const { bytes, encoding } = await encode(body, request);
  response.writeHead(status, {
    ...common,
    'content-type': type,
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
    'content-length': bytes.length,
  });
  response.end(bytes);
}

/** Weak, because every encoding of the body has the same one. */
function tagOf(body: Buffer): string {
  const known = tags.get(body);
  if (known !== undefined) return known;
  const tag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, TAG_LENGTH)}"`;
  tags.set(body, tag);
  return tag;
}

function names(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strong = tag.slice('W/'.length);
  return ifNoneMatch.split(',').some((one) => ['*', strong, tag].includes(one.trim()));
}
