import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';

/**
 * Lets an adapter's statements go one at a time, each in a turn of the event loop of its own. Of the embedded database, which does one thing at a time,
 * they take no more than one place in the line that way, and between any two of them the process sees to everything else.
 */
export function oneAtATime(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  let last: Promise<unknown> = Promise.resolve();
  const inLine =
    <Args extends unknown[], Result>(run: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> => {
      const result = last.then(() => nextTurn()).then(() => run(...args));
      last = result.catch(() => undefined);
      return result;
    };
  const connect = async (): Promise<Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>> => {
    const adapter = await factory.connect();
    return Object.assign(adapter, {
      queryRaw: inLine(adapter.queryRaw.bind(adapter)),
      executeRaw: inLine(adapter.executeRaw.bind(adapter)),
    });
  };
  return { provider: factory.provider, adapterName: factory.adapterName, connect };
}
