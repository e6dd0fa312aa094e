import { createServer } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import { expect, test } from 'vitest';
import { PrismaClient } from '../src/database/generated/client.ts';
import { rootMessageOf } from '../src/errors.ts';

const SECRET = 'of-nobody-else';

async function failureAt(address: string): Promise<unknown> {
  const client = new PrismaClient({
    adapter: new PrismaPg({ connectionString: `postgres://milepost:${SECRET}@${address}/figures` }),
  });
  try {
    return await client.$queryRaw`select 1`.then(
      () => undefined,
      (error: unknown) => error,
    );
  } finally {
    await client.$disconnect();
  }
}

test('the reason of an outage is the message of the system, without the password', async () => {
  const refused = rootMessageOf(await failureAt('127.0.0.1:1'));
  expect(refused).toBe('connect ECONNREFUSED 127.0.0.1:1');
  const hangsUp = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => hangsUp.listen(0, '127.0.0.1', resolve));
  const { port } = hangsUp.address() as { readonly port: number };
  const closed = rootMessageOf(await failureAt(`127.0.0.1:${port}`));
  await new Promise((resolve) => hangsUp.close(resolve));
  expect(closed).toMatch(/ECONNRESET|Connection terminated/);
  for (const reason of [refused, closed]) expect(reason).not.toContain(SECRET);
});

test.each([
  [{ kind: 'DatabaseNotReachable', host: 'db.example', port: undefined }, 'getaddrinfo ENOTFOUND db.example'],
  [{ kind: 'ConnectionClosed' }, 'read ECONNRESET: the connection was closed'],
  [{ kind: 'SocketTimeout' }, 'ETIMEDOUT: the connection is silent'],
  [{ kind: 'TlsConnectionError', reason: 'self-signed certificate' }, 'self-signed certificate'],
  [{ kind: 'postgres', originalMessage: 'the database system is starting up' }, 'the database system is starting up'],
  [{}, 'an error without a message'],
])('the reason %j of the driver adapter is told', (cause, message) => {
  expect(rootMessageOf(Object.assign(new Error('around it'), { cause }))).toBe(message);
  expect(rootMessageOf(Object.assign(new Error('P2010'), { meta: { driverAdapterError: { cause } } }))).toBe(message);
});

test('the reasons of all addresses of a host are told', () => {
  const attempts = ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'];
  expect(rootMessageOf(new AggregateError(attempts.map((attempt) => new Error(attempt))))).toBe(attempts.join('; '));
});
