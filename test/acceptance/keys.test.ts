import { expect, inject, test, vi } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { milepost, milepostProcess } from '../support/command.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { startProduct } from '../support/product.ts';
import { startSlowedClock } from '../support/slowed-clock.ts';
import { soon, until } from '../support/wait.ts';
import { overEvents, overSocket, send } from './clients.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const CREATED = /^Key (\d+), shown this once: (mp_[\w-]{32})\n$/;
/** The promise, measured in the server's own time: on a busy machine its answers are late as well. */
const REVOKED_MS = 5_000;
const QUIET = 'subscription { changes(filter: { subjects: [] }) { cursor } }';
const WRITE = 'mutation { createSubject(input: { kind: BRAND, slug: "aurora", name: "Aurora" }) { cursor } }';

test('keys are created with scopes, a label and an end, listed without their text, and revoked', async () => {
  await using place = await placeDatabase('migrated');
  expect(await milepost(place, 'keys', 'list')).toEqual({ code: 0, stdout: 'No keys yet.\n', stderr: '' });
  const written = await create(place, '--label', 'our importer', '--scope', 'read', '--scope', 'write');
  const reading = await create(place, '--label', ' a reader ', '--expires', '2099-12-31');
  const list = await milepostProcess(place, 'keys', 'list');
  expect(list).toEqual({
    code: 0,
    stdout: `number\tlabel\tscopes\tstate\n${written.id}\tour importer\tread+write\tvalid\n${reading.id}\ta reader\tread\tuntil 2099-12-31T00:00:00.000Z\n`,
    stderr: '',
  });

  expect(await milepostProcess(place, 'keys', 'revoke', written.id)).toEqual({
    code: 0,
    stdout: `Key ${written.id} is revoked; its connections end within 5 s.\n`,
    stderr: '',
  });
  expect((await milepost(place, 'keys', 'list')).stdout).toMatch(
    new RegExp(`\n${written.id}\tour importer\tread\\+write\trevoked 2\\d{3}-\\S+Z\n`),
  );
  const again = await milepost(place, 'keys', 'revoke', written.id);
  expect(again).toEqual({ code: 1, stdout: `There is no key ${written.id} that is still valid.\n`, stderr: '' });

  await using database = await openDatabase({ ...place, databaseConnections: 1 }, createLogger('silent'));
  const rows = JSON.stringify(await database.client.apiKey.findMany());
  for (const { key } of [written, reading]) expect(rows).not.toContain(key.slice('mp_'.length));
});

test('a key allows what its scopes say, until it is revoked', async () => {
  await using place = await placeDatabase('migrated');
  const writing = await create(place, '--label', 'writes', '--scope', 'write');
  const reading = await create(place, '--label', 'reads');
  const ended = await create(place, '--label', 'ended', '--scope', 'write');
  expect((await milepost(place, 'keys', 'revoke', ended.id)).code).toBe(0);
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  expect(await send(product, WRITE, {}, ended.key)).toMatchObject({ status: 401 });
  expect(await send(product, WRITE, {}, reading.key)).toMatchObject({
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  });
  expect(await send(product, '{ head }', {}, reading.key)).toMatchObject({ data: { head: expect.any(String) } });
  expect(await send(product, WRITE, {}, writing.key)).toMatchObject({
    data: { createSubject: { cursor: expect.any(String) } },
  });
});

test.runIf(inject('backend') === 'postgres')(
  'revoking a key ends its quiet subscriptions within 5 s, over both transports, and only those',
  async () => {
    await using place = await placeDatabase('migrated');
    const { id, key } = await create(place, '--label', 'a viewer');
    await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    const viewer = { ...product, adminKey: key };
    await using socket = overSocket(viewer, QUIET);
    await using stream = overEvents(viewer, QUIET);
    await using other = overSocket(product, QUIET);
    let hasEnded = false;
    void other.ended.then(() => {
      hasEnded = true;
    });
    await until('the server answers after them', async () => (await send(product, '{ head }')).status === 200);
    expect((await milepostProcess(place, 'keys', 'revoke', id)).code).toBe(0);
    using clock = startSlowedClock(() => send(product, '{ head }'));
    expect(await soon('the end of the socket', socket.ended)).toMatchObject({ by: 'close', code: 4403 });
    expect(await soon('the end of the stream', stream.ended)).toMatchObject({ by: 'broken stream' });
    expect(clock.now).toBeLessThan(REVOKED_MS);
    expect(hasEnded).toBe(false);
  },
);

/** Creates a key by the command. */
async function create(place: TestPlace, ...args: string[]): Promise<{ readonly id: string; readonly key: string }> {
  const { code, stdout, stderr } = await milepost(place, 'keys', 'create', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, id = '', key = ''] = CREATED.exec(stdout) ?? [];
  expect(stdout).toMatch(CREATED);
  return { id, key };
}
