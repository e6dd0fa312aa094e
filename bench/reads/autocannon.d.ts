declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface Request {
    readonly method: 'GET' | 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  }

  interface Options extends Request {
    readonly url: string;
    readonly connections: number;
    /** In seconds. */
    readonly duration: number;
  }

  interface Result {
    /** In seconds. */
    readonly duration: number;
    readonly errors: number;
    readonly '2xx': number;
    readonly non2xx: number;
  }

  /** Emits `response` with the client, the status, the bytes, and the time that it took in milliseconds. */
  type Run = EventEmitter & PromiseLike<Result>;

  function autocannon(options: Options): Run;
  export = autocannon;
}
