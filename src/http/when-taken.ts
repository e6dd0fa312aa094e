import type { Writable } from 'node:stream';

/** Calls back once, when everything that was written to a stream is taken, or the stream is gone. */
export function whenTaken(stream: Writable, listener: () => void): void {
  if (stream.closed) {
    listener();
    return;
  }
  const taken = (): void => {
    stream.off('drain', taken).off('close', taken);
    listener();
  };
  stream.on('drain', taken).on('close', taken);
}
