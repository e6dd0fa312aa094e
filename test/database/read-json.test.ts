import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Prisma } from '../../src/database/generated/client.ts';
import type { Tx } from '../../src/database/handle.ts';
import { execute, passShortcut, passToTransaction, readJson } from '../../src/database/read-json.ts';
import { isUnavailable } from '../../src/database/unavailable.ts';
import { present } from '../../src/required.ts';
import { openSeededDatabase, type TestDatabase } from '../support/database.ts';
import { statementsOf } from '../support/statements.ts';

let place: TestDatabase;
beforeAll(async () => {
  place = await openSeededDatabase();
});
afterAll(() => place[Symbol.asyncDispose]());

const SLUGS = ['nio', 'xpeng'];

function named(slugs: readonly string[]): Prisma.Sql {
  return Prisma.sql`
    /* named */
    select json_build_object('ids', json_agg(id order by id), 'half', 0.5::float8, 'text', '"é"', 'none', null)::text as json
      from "Subject"
     where slug = any(${[...slugs]}::text[]) and id > ${0} and ${true}::boolean`;
}

test('every lane, a transaction and a client made from another one read the same', async () => {
  const { client, lanes } = place.database;
  const found = await client.subject.findMany({ where: { slug: { in: SLUGS } }, orderBy: { id: 'asc' } });
  const expected = { ids: found.map(({ id }) => id), half: 0.5, text: '"é"', none: null };
  for (const db of [client, ...Object.values(lanes)]) expect(await readJson(db, named(SLUGS))).toEqual(expected);
  expect(await client.$transaction((tx) => readJson(tx, named(SLUGS)))).toEqual(expected);
  expect(await readJson(client.$extends({}) as never, named(SLUGS))).toEqual(expected);
});

test('a statement goes to the database once, and is noted where notes are taken', async () => {
  const { read } = place.database.lanes;
  const noted: Prisma.Sql[] = [];
  const noting = read.$extends({});
  passShortcut(read, noting, { addStatement: (statement) => noted.push(statement), addOperation: () => undefined });
  const statement = named(SLUGS);
  expect(await statementsOf(() => readJson(noting as never, statement))).toHaveLength(1);
  expect(noted).toEqual([statement]);
});

test('a statement that is wrong is not an outage; that of a lost connection is', async () => {
  const { read } = place.database.lanes;
  const errorOf = (text: string): Promise<unknown> =>
    readJson(read, Prisma.raw(text)).then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(isUnavailable(await errorOf(`/* wrong */ select 'x'::int::text as json`))).toBe(false);
  if (inject('backend') === 'postgres')
    expect(isUnavailable(await errorOf('/* lost */ select pg_terminate_backend(pg_backend_pid())::text as json'))).toBe(
      true,
    );
  expect(await readJson(read, Prisma.sql`/* none */ select '[]' as json where false`)).toBeNull();
});

test('statements in a transaction are part of it, and of no other one', async () => {
  const { client } = place.database;
  const count = () => client.publisher.count({ where: { slug: { startsWith: 'passed-' } } });
  const add = (tx: Tx, slug: string) =>
    execute(tx, Prisma.sql`/* addPublisher */ insert into "Publisher" (slug, name, tier) values (${slug}, ${slug}, 4)`);
  const seen = (tx: Tx) =>
    readJson<readonly string[]>(
      tx,
      Prisma.sql`/* passed */ select coalesce(json_agg(slug), '[]')::text as json from "Publisher" where slug like 'passed-%'`,
    );
  const run = (slug: string, ends: 'well' | 'badly') =>
    client
      .$transaction(async (tx) => {
        passToTransaction(client, tx);
        await add(tx, slug);
        const found = await seen(tx);
        if (ends === 'badly') throw new Error('It ends badly.');
        return found;
      })
      .catch((error: Error) => error.message);
  expect(await Promise.all([run('passed-1', 'badly'), run('passed-2', 'badly'), run('passed-3', 'badly')])).toEqual(
    Array(3).fill('It ends badly.'),
  );
  expect(await count()).toBe(0);
  expect(await run('passed-4', 'well')).toEqual(['passed-4']);
  expect(await count()).toBe(1);
});

test('nothing is sent for a transaction that has ended', async () => {
  const { client } = place.database;
  const late = async (end: 'commit' | 'rollback') => {
    let ended: Tx | undefined;
    const ending = client.$transaction(async (tx) => {
      passToTransaction(client, tx);
      expect(await readJson(tx, Prisma.sql`/* one */ select '1' as json`)).toBe(1);
      ended = tx;
      if (end === 'rollback') throw new Error('It is rolled back.');
    });
    await ending.catch(() => undefined);
    const tx = present(ended);
    const sent = await statementsOf(async () => {
      await expect(readJson(tx, Prisma.sql`/* late */ select '1' as json`)).rejects.toThrow('Transaction');
      await expect(execute(tx, Prisma.sql`/* late */ select 1`)).rejects.toThrow('Transaction');
    });
    expect(sent).toEqual([]);
  };
  await late('commit');
  await late('rollback');
});

test('a transaction of a client that was made from another one keeps to this client', async () => {
  const { client } = place.database;
  const operations: string[] = [];
  const watched = client.$extends({
    query: {
      $allOperations: ({ operation, args, query }) => {
        operations.push(operation);
        return query(args);
      },
    },
  }) as unknown as typeof client;
  await watched.$transaction(async (tx) => {
    passToTransaction(watched, tx);
    expect(await readJson(tx, Prisma.sql`/* one */ select '1' as json`)).toBe(1);
    await execute(tx, Prisma.sql`/* none */ select 1`);
  });
  expect(operations).toEqual(['$queryRaw', '$executeRaw']);
});
