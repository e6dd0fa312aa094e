import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { execute, parse } from 'graphql';
import { placeAt, readAfter, readLogState } from '../../src/changes/log.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { migrate } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/logger.ts';
import { MIGRATIONS } from '../../src/root.ts';
import { NODE_FLAGS } from '../node-flags.ts';
import type { Postgres } from './postgres.ts';
import { heard, startPart } from './processes.ts';
import {
  type Arrival,
  DOCUMENT,
  FOLLOWING,
  type FromClients,
  type FromServer,
  type Kind,
  type Readers,
  type ToClients,
  type ToServer,
  type Usage,
} from './settings.ts';
import { createWriter, type Writer } from './writer.ts';

/** After this long without a message, none will come. */
const GIVEN_UP_MS = 20_000;

/** A server with its own database and readers: three processes, of which this one writes. */
export interface Contestant extends AsyncDisposable {
  readonly kind: Kind;
  /** Opens readers, in a separate process. */
  open(readers: Readers): Promise<void>;
  /** Writes figures and makes the server push them; resolves with their values and the times of their commits. */
  push(count: number): Promise<readonly Arrival[]>;
  /** How much all readers together have received. */
  received(): Promise<number>;
  /** Resolves once all readers together have received this much. */
  haveReceived(messages: number): Promise<void>;
  /** The arrivals at the sampled readers since the last call. */
  arrivals(): Promise<readonly Arrival[]>;
  /** What the server has used so far; after a garbage collection if requested. */
  usage(collect?: boolean): Promise<Usage>;
}

/** Starts a contestant over an empty database. */
export async function startContestant(kind: Kind, name: string, postgres: Postgres): Promise<Contestant> {
  const databaseUrl = await postgres.createDatabase(name);
  const database = await openDatabase({ databaseUrl, dataDir: '', databaseConnections: 2 }, createLogger('error'));
  await migrate(database, MIGRATIONS);
  const writer = await createWriter(database.client);
  const server = startPart('server', [kind, databaseUrl], NODE_FLAGS);
  const { url } = await heard<FromServer, 'ready'>(server, 'ready');
  const clients = startPart('clients', [url, kind]);
  return contestant(kind, database, writer, server, clients);
}

function contestant(
  kind: Kind,
  database: Database,
  writer: Writer,
  server: ChildProcess,
  clients: ChildProcess,
): Contestant {
  const toServer = (message: ToServer): boolean => server.send(message);
  const toClients = (message: ToClients): boolean => clients.send(message);

  const received = async (): Promise<number> => {
    toClients({ type: 'report' });
    return (await heard<FromClients, 'received'>(clients, 'received')).messages;
  };

  return {
    kind,
    open: async (readers) => {
      toClients({ type: 'open', ...readers });
      await heard<FromClients, 'opened'>(clients, 'opened');
      // The last ones may not be subscribed yet.
      await sleep(2_000);
    },
    push: async (count) => {
      const { values, committedAt, positions } = await writer.write(count);
      if (!FOLLOWING.includes(kind))
        for (const position of positions)
          toServer({
            type: 'publish',
            position: String(position),
            payload: await payloadAt(database.client, position),
          });
      return values.map((value) => ({ value, at: committedAt }));
    },
    received,
    haveReceived: async (messages) => {
      let last = -1;
      for (let since = Date.now(); ; ) {
        const present = await received();
        if (present >= messages) return;
        if (present > last) since = Date.now();
        if (Date.now() - since > GIVEN_UP_MS) throw new Error(`Only ${present} of ${messages} messages arrived.`);
        last = present;
        await sleep(20);
      }
    },
    arrivals: async () => {
      toClients({ type: 'arrivals' });
      return (await heard<FromClients, 'arrivals'>(clients, 'arrivals')).arrivals;
    },
    usage: async (collect = false) => {
      toServer({ type: 'usage', collect });
      return heard<FromServer, 'usage'>(server, 'usage');
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of [clients, server]) child.kill('SIGKILL');
      await database[Symbol.asyncDispose]();
    },
  };
}

/** The bytes that the product sends for an entry, for contestants that only broadcast. */
async function payloadAt(db: PrismaClient, position: bigint): Promise<string> {
  const state = await readLogState(db, [position - 1n]);
  const [entry] = await readAfter(db, placeAt(state, position - 1n), 1);
  const contextValue = { db, changes: { log: state.log }, viewer: { keyId: null, scope: 'READ' } };
  const payload = await execute({ schema, document: parse(DOCUMENT), rootValue: entry, contextValue });
  return JSON.stringify({ id: '3f9c1e34-5b1c-4c8e-9d27-0a4de0a6f4a1', type: 'next', payload });
}
