import { constants } from 'node:buffer';

/** Everything in a tar is a multiple of this. */
const BLOCK = 512;
/** The longest name that fits the header. Postgres' own paths have half of it. */
const LONGEST_NAME = 100;
const END = Buffer.alloc(2 * BLOCK);
const FILE = '0';
const FOLDER = '5';

/** A file or folder in a tar. */
export interface TarEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
}

/** The bytes before the content of a file, or those of a folder; only its owner may read either. */
export function tarHead({ name, kind, size }: TarEntry): Buffer {
  const isFile = kind === 'file';
  const written = isFile ? name : `${name}/`;
  if (Buffer.byteLength(written) > LONGEST_NAME) throw new Error(`The name ${name} is too long for a tar.`);
  const head = Buffer.alloc(BLOCK);
  head.write(written, 0);
  head.write(isFile ? '0000600\0' : '0000700\0', 100);
  // Whoever unpacks it owns the files.
  head.write('0000000\0'.repeat(2), 108);
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  head.write(
    `${Math.floor(Date.now() / 1_000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  head.write(isFile ? FILE : FOLDER, 156);
  head.write('ustar\x0000', 257);
  head.write(`${sumOf(head).toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

/** What follows a content of so many bytes, up to the next multiple of a block. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The end of a tar. */
export function tarEnd(): Buffer {
  return END;
}

/** The content of an entry; it has to be read before the next entry. */
export type TarContent = AsyncIterable<Buffer>;

/** Reads a tar of files and folders; throws when it is damaged, has anything else in it, or is not complete. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<readonly [TarEntry, TarContent]> {
  const bytes = new Bytes(source);
  for (;;) {
    const head = await bytes.take(BLOCK);
    if (head.every((byte) => byte === 0)) return bytes.drain();
    const entry = entryOf(head);
    yield [entry, bytes.chunks(entry.size)];
    await bytes.take(tarPadding(entry.size).length);
  }
}

function entryOf(head: Buffer): TarEntry {
  if (textOf(head, 257, 5) !== 'ustar' || numberOf(head, 148, 8) !== sumOf(head))
    throw new Error('It is no tar, or it is damaged.');
  const type = textOf(head, 156, 1);
  if (type !== FILE && type !== FOLDER) throw new Error('It has something in it that is neither a file nor a folder.');
  const size = numberOf(head, 124, 12);
  if (!Number.isSafeInteger(size) || size > constants.MAX_LENGTH * 1_024)
    throw new Error('It has a file of an impossible size.');
  return {
    name: textOf(head, 0, LONGEST_NAME).replace(/\/$/, ''),
    kind: type === FILE ? 'file' : 'folder',
    size: type === FILE ? size : 0,
  };
}

/** The sum of all bytes, as if those of the sum itself were spaces. */
function sumOf(head: Buffer): number {
  let sum = 8 * 0x20;
  for (const [at, byte] of head.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

function textOf(head: Buffer, at: number, length: number): string {
  return head.toString('utf8', at, at + length).split('\0', 1)[0] ?? '';
}

function numberOf(head: Buffer, at: number, length: number): number {
  return Number.parseInt(textOf(head, at, length).trim(), 8);
}

/** Takes exact numbers of bytes from a source. */
class Bytes {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const chunk of this.chunks(count)) parts.push(chunk);
    return Buffer.concat(parts);
  }

  async *chunks(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0) await this.#read();
      const chunk = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }

  /** Reads to the end, so that whatever checks the source as a whole has seen all of it. */
  async drain(): Promise<void> {
    for (;;) if ((await this.#source.next()).done === true) return;
  }

  async #read(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done === true) throw new Error('It is not complete.');
    this.#rest = Buffer.from(value.buffer, value.byteOffset, value.length);
  }
}
