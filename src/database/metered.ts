import type { SqlDriverAdapterFactory, SqlQuery, SqlQueryable } from '@prisma/driver-adapter-utils';
import { type Meters, NO_METERS } from '../meters.ts';

/** Makes an adapter tell of each of its statements, also of those in transactions. */
export function metered(factory: SqlDriverAdapterFactory, lane: string, meters: Meters): SqlDriverAdapterFactory {
  if (meters === NO_METERS) return factory;
  const telling =
    <Result>(send: (query: SqlQuery) => Promise<Result>) =>
    async (query: SqlQuery): Promise<Result> => {
      const end = meters.statement(lane, query.sql);
      let failed = true;
      try {
        const result = await send(query);
        failed = false;
        return result;
      } finally {
        end(failed);
      }
    };
  const tellOf = <Sender extends SqlQueryable>(sender: Sender): Sender =>
    Object.assign(sender, {
      queryRaw: telling(sender.queryRaw.bind(sender)),
      executeRaw: telling(sender.executeRaw.bind(sender)),
    });
  const connect = async (): Promise<Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>> => {
    const adapter = await factory.connect();
    const start = adapter.startTransaction.bind(adapter);
    const startTransaction: typeof start = async (isolationLevel) => tellOf(await start(isolationLevel));
    return Object.assign(tellOf(adapter), { startTransaction });
  };
  return { provider: factory.provider, adapterName: factory.adapterName, connect };
}
