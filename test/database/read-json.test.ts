import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Prisma } from '../../src/database/generated/client.ts';
import { passShortcut, readJson } from '../../src/database/read-json.ts';
import { isUnavailable } from '../../src/database/unavailable.ts';
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
