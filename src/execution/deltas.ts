import { createHash } from 'node:crypto';
import type { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Payer } from './client.ts';
import { makePatch } from './json-patch.ts';
import { type Payload, type Sink, toBytes } from './payload.ts';

/** Memory for the answers that patches are made from, in bytes of JSON. */
const ANSWER_BYTES = 16 * 1024 * 1024;
/** Memory for the patches, and as much again for the results that they are sent in: many readers get the same at the same moment. */
const PATCH_BYTES = 8 * 1024 * 1024;
/** SHA-256, shortened: the chance that another answer has the same 16 bytes is 1 in 2^128. */
const DIGEST_BYTES = 16;
/** The cursor of a result: the place in the log, the revision, and the digest of the data that the reader then has. */
const RESULT_CURSOR = /^([\w-]{1,64})~(\d{1,9})~([\w-]{22})$/;
const NOTHING_TO_DO = Buffer.from('[]');

/** The readers of live queries that get what is different instead of whole answers. */
export interface Deltas {
  /**
   * A sink for such a reader, and the place in the log after which its query has to be started. The cursor is that of a result that the
   * reader has, or one of the log; null if it begins.
   */
  follow(sink: Sink, cursor: string | null): { readonly sink: Sink; readonly after: string | null };
}

/** What a reader has: the data with this digest, since the result with this revision. */
interface Had {
  readonly digest: string;
  readonly revision: number;
}

/** An answer that differences can be told of. */
interface Answer {
  /** Distinguishes answers with the same data. */
  readonly number: number;
  readonly cursor: string;
  readonly digest: string;
  /** The data as JSON. */
  readonly data: Buffer;
  /** Go whole with every result. */
  readonly errors: unknown;
  readonly extensions: object | undefined;
}

/** A result for a reader, and what the reader has with it; null if that is nothing to continue from. */
interface Told {
  readonly payload: Payload;
  readonly had: Had | null;
}

/**
 * Tells readers the difference between the answer that they have and the newest one, in the format of
 * @n1ru4l/graphql-live-query-patch-json-patch. An answer is known by the digest of its data, so nobody gets a patch for another answer than
 * its own, however long it was away. Readers who have the same answer share the patch, and those with the same revision the whole result.
 */
export function createDeltas(answerBytes = ANSWER_BYTES): Deltas {
  const known = new LRUCache<string, Buffer>({ maxSize: answerBytes, sizeCalculation: ({ length }) => length });
  /** By the digests before and after; null if the whole answer is to be sent. */
  const patches = new LRUCache<string, { readonly patch: Buffer | null }>({
    maxSize: PATCH_BYTES,
    sizeCalculation: ({ patch }, key) => (patch?.length ?? 0) + key.length,
  });
  const results = new LRUCache<string, Payload>({
    maxSize: PATCH_BYTES,
    sizeCalculation: ({ bytes }, key) => bytes.length + key.length,
  });
  const answers = new WeakMap<Payload, Answer>();
  let answered = 0;

  const answerIn = (payload: Payload): Answer | null => {
    const answer = answers.get(payload) ?? takeApart(payload, answered);
    if (answer === null) return null;
    if (answer.number === answered) answered += 1;
    answers.set(payload, answer);
    known.set(answer.digest, answer.data);
    return answer;
  };

  const patchFrom = (digest: string, answer: Answer): Buffer | null => {
    if (digest === answer.digest) return NOTHING_TO_DO;
    const key = `${digest} ${answer.digest}`;
    const made = patches.get(key);
    if (made !== undefined) return made.patch;
    const before = known.get(digest);
    if (before === undefined) return null;
    const patch = smallerPatch(before, answer.data);
    patches.set(key, { patch });
    return patch;
  };

  const tell = (payload: Payload, had: Had | null): Told => {
    const answer = answerIn(payload);
    if (answer === null) return { payload, had: null };
    const patch = had === null ? null : patchFrom(had.digest, answer);
    const revision = had === null || patch === null ? 1 : had.revision + 1;
    const key = `${answer.number} ${revision} ${patch === null ? '' : had?.digest}`;
    const made = results.get(key);
    const result = made ?? resultOf(answer, patch, revision);
    if (made === undefined) results.set(key, result);
    return { payload: result, had: { digest: answer.digest, revision } };
  };

  return {
    follow: (sink, cursor) => {
      const [, place, revision, digest] = RESULT_CURSOR.exec(cursor ?? '') ?? [];
      if (place === undefined || digest === undefined)
        return { sink: new DeltaSink(sink, tell, null, null), after: cursor };
      return { sink: new DeltaSink(sink, tell, cursor, { digest, revision: Number(revision) }), after: place };
    },
  };
}

/** The answer in a result; null if there is no data. */
function takeApart({ bytes, cursor }: Payload, number: number): Answer | null {
  const { data, errors, extensions } = JSON.parse(bytes.toString('utf8'));
  if (data == null) return null;
  const json = toBytes(JSON.stringify(data));
  const digest = createHash('sha256').update(json).digest().toString('base64url', 0, DIGEST_BYTES);
  return { number, cursor, digest, data: json, errors, extensions };
}

/** The patch from one JSON text to another; null if it is not smaller than the other. */
function smallerPatch(before: Buffer, after: Buffer): Buffer | null {
  const operations = makePatch(JSON.parse(before.toString('utf8')), JSON.parse(after.toString('utf8')));
  if (operations === null) return null;
  const patch = toBytes(JSON.stringify(operations));
  return patch.length < after.length ? patch : null;
}

/** A result with the patch, or with the whole data if there is none. The client's library takes whole data only as revision 1. */
function resultOf(answer: Answer, patch: Buffer | null, revision: number): Payload {
  const cursor = `${answer.cursor}~${revision}~${answer.digest}`;
  const { errors } = answer;
  const rest = JSON.stringify({ errors, extensions: { ...answer.extensions, cursor }, revision });
  const parts = [patch === null ? '{"data":' : '{"patch":', patch ?? answer.data, `,${rest.slice(1)}`];
  const bytes = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  // A short one would be a slice of Node's shared pool, which it would keep.
  return { bytes: Buffer.from(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), cursor };
}

/**
 * Passes answers on as differences. The next one is made when the transport has room, from the answer that was passed on last, so a slow
 * reader gets one difference to the newest answer. It is a class to save memory, because there are as many as readers.
 */
class DeltaSink implements Sink {
  readonly #sink: Sink;
  readonly #tell: (payload: Payload, had: Had | null) => Told;
  readonly #resumed: string | null;
  #had: Had | null;
  #newest: Payload | null = null;
  #isWaiting = false;

  constructor(sink: Sink, tell: (payload: Payload, had: Had | null) => Told, resumed: string | null, had: Had | null) {
    this.#sink = sink;
    this.#tell = tell;
    this.#resumed = resumed;
    this.#had = had;
  }

  get payer(): Payer | undefined {
    return this.#sink.payer;
  }

  /** A reader that is cut off before its first result still has what it had. */
  begin(cursor: string): void {
    this.#sink.begin?.(this.#resumed ?? cursor);
  }

  deliver(payload: Payload): void {
    this.#newest = payload;
    if (!this.#isWaiting) this.#pass(payload);
  }

  fail(errors: readonly GraphQLError[]): void {
    this.#sink.fail(errors);
  }

  complete(): void {
    this.#sink.complete();
  }

  ready(): Promise<void> {
    return this.#sink.ready();
  }

  #pass(newest: Payload): void {
    const { payload, had } = this.#tell(newest, this.#had);
    this.#had = had;
    this.#newest = null;
    this.#isWaiting = true;
    this.#sink.deliver(payload);
    void this.ready().then(() => {
      this.#isWaiting = false;
      if (this.#newest !== null) this.#pass(this.#newest);
    });
  }
}
