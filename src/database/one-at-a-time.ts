import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';

/**
 * Makes an adapter run one statement at a time, each in its own turn of the event loop.
 * The embedded database does one thing at a time. So these statements take at most one place in its queue, and the process does other
 * work between them.
 */
export function oneAtATime(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  let last: Promise<unknown> = Promise.resolve();
  const queued =
    <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> => {
      const result = last.then(() => nextTurn()).then(() => run(...args));
      last = result.catch(() => undefined);
      return result;
    };
  const connect = async (): Promise<Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>> => {
    const adapter = await factory.connect();
    return Object.assign(adapter, {
      queryRaw: queued(adapter.queryRaw.bind(adapter)),
      executeRaw: queued(adapter.executeRaw.bind(adapter)),
    });
  };
  return { provider: factory.provider, adapterName: factory.adapterName, connect };
}
