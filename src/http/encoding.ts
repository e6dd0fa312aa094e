import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';
import { readOnce } from './by-header.ts';
import { tight } from './tight.ts';

/** A shorter body gains nothing: it fits into one packet as it is. */
const SHORTEST = 1_024;
/** The default, 11, is for files that are compressed once and served for months: it is far too slow for an answer. */
const BROTLI_QUALITY = 5;
/** Of encodings that a client takes equally well, the first. */
const ENCODINGS = ['br', 'gzip', 'identity'];
const STREAM_ENCODINGS = ['gzip', 'identity'];

const compressWith = {
  br: (bytes: Buffer): Promise<Buffer> =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      },
    }),
  gzip: promisify(gzip) as (bytes: Buffer) => Promise<Buffer>,
};

/** The types do not know the preference of the server yet, which decides between encodings that the client takes equally well. */
interface PreferringNegotiator {
  encodings(available: readonly string[], options: { readonly preferred: readonly string[] }): readonly string[];
}

/** A body in the form in which it is sent. */
export interface Encoded {
  readonly bytes: Buffer;
  /** Null: as it is. */
  readonly encoding: 'br' | 'gzip' | null;
}

/** The compressed forms of bodies, for as long as the bodies are kept. */
const compressed = new WeakMap<Buffer, Partial<Record<'br' | 'gzip', Promise<Buffer>>>>();

/** A body in the encoding that the client prefers. Bodies that are sent again are compressed once. */
export function encode(body: Buffer, { headers }: IncomingMessage): Encoded | Promise<Encoded> {
  const encoding = body.length < SHORTEST ? null : bodyEncodingOf(headers['accept-encoding'] ?? '');
  if (encoding === null) return { bytes: body, encoding };
  const forms = compressed.get(body) ?? {};
  compressed.set(body, forms);
  forms[encoding] ??= compressWith[encoding](body).then(tight);
  return forms[encoding].then((bytes) => ({ bytes, encoding }));
}

/** Whether a stream of events for this client is compressed. Among encodings only gzip lets many streams share a compressed part. */
export function takesGzip({ headers }: IncomingMessage): boolean {
  return streamEncodingOf(headers['accept-encoding'] ?? '') === 'gzip';
}

const bodyEncodingOf = readOnce((accepted) => preferredOf(accepted, ENCODINGS));
const streamEncodingOf = readOnce((accepted) => preferredOf(accepted, STREAM_ENCODINGS));

/** The encoding that a header prefers; null for none, as without the header. */
function preferredOf(accepted: string, encodings: readonly string[]): 'br' | 'gzip' | null {
  if (accepted === '') return null;
  const negotiator = new Negotiator({ headers: { 'accept-encoding': accepted } }) as unknown as PreferringNegotiator;
  const [first] = negotiator.encodings(encodings, { preferred: encodings });
  return first === 'br' || first === 'gzip' ? first : null;
}
