import { crc32 } from 'node:zlib';
import { deflatedBlocks, SHORTEST_DEFLATED, storedBlock } from './deflate.ts';

/** The head of a gzip stream (RFC 1952): DEFLATE, no name, no time, an unknown system. */
export const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** An empty stored block that is the last one. */
const LAST_BLOCK = Buffer.from([1, 0, 0, 0xff, 0xff]);

/** Texts that were compressed for one reader, for the others. */
const compressed = new WeakMap<Buffer, Buffer>();

/** The body of one gzip stream. Each part can be read as soon as it arrives, and a part that many streams have is compressed once. */
export class GzipStream {
  #crc = 0;
  #length = 0;

  /** The next part. The same buffer must always have the same content. */
  part(text: Buffer): Buffer {
    this.#crc = crc32(text, this.#crc);
    this.#length = (this.#length + text.length) % 2 ** 32;
    if (text.length < SHORTEST_DEFLATED) return storedBlock(text);
    const known = compressed.get(text);
    if (known !== undefined) return known;
    const blocks = deflatedBlocks(text);
    compressed.set(text, blocks);
    return blocks;
  }

  /** The end, by which the client checks that it has everything. */
  end(): Buffer {
    const end = Buffer.alloc(LAST_BLOCK.length + 8);
    LAST_BLOCK.copy(end);
    end.writeUInt32LE(this.#crc, LAST_BLOCK.length);
    end.writeUInt32LE(this.#length, LAST_BLOCK.length + 4);
    return end;
  }
}
