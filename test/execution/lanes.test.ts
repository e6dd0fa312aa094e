import { expect, test } from 'vitest';
import type { Database } from '../../src/database/handle.ts';
import { openApi } from '../support/api.ts';
import { subscribe } from '../support/readers.ts';
import { until } from '../support/wait.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

/** More statements than there are connections of any lane, each of which reads publishers. */
const MANY = Array.from(
  { length: 30 },
  (_none, index) => `of${index}: figures(first: ${index + 1}) { nodes { source { publisher { name } } } }`,
).join(' ');
const EVENTS = 'subscription ($after: Cursor) { changes(after: $after) { cursor } }';
const LIVE = 'subscription { live { brand(slug: "brand") { name } } }';

test.for([
  ['a query', `{ ${MANY} }`, EVENTS],
  ['a live query', `subscription { live { brand(slug: "brand") { name } ${MANY} } }`, EVENTS],
  ['a subscription', `subscription { changes { subject { ... on Subject { ${MANY} } } } }`, LIVE],
] as const)(
  '%s with statements that never end delay neither writes nor pushes over another lane',
  async ([, held, other]) => {
    await using api = await openApi();
    const sourceId = await givenSource(api);
    await givenSubject(api, 'BRAND', { slug: 'brand' });
    await write(api, 'recordFigure', { subject: 'brand', metric: 'DELIVERIES', period: '2025-01', value: 1, sourceId });
    await using _sleep = await sleepInPublishers(api.database);
    // From a place on, because a write can be over before a subscription has begun.
    const pushed = subscribe(api.server.wsUrl, other, { variables: { after: await api.server.head() } });
    const waiting = subscribe(api.server.wsUrl, held);
    await until('both are there', () => api.server.connections.count === 2);
    for (const name of ['One', 'Two', 'Three']) {
      const before = pushed.results.length;
      await api.ask(`mutation { updateSubject(slug: "brand", input: { name: "${name}" }) { cursor } }`);
      await until(`${name} is pushed`, () => pushed.results.length > before);
    }
    expect(waiting.results).toEqual([]);
    waiting.stop();
    pushed.stop();
  },
);

/** Makes every statement that reads publishers sleep, until it is disposed. A lock on the table would also delay writes that reference it. */
async function sleepInPublishers({ lanes: { write: db } }: Database): Promise<AsyncDisposable> {
  await db.$executeRaw`alter table "Publisher" rename to "RealPublisher"`;
  await db.$executeRaw`
    create view "Publisher" as
      select rows.* from (select pg_sleep(3600)) as never left join "RealPublisher" as rows on true`;
  return {
    [Symbol.asyncDispose]: async () => {
      let isBack = false;
      const back = db
        .$transaction([
          db.$executeRaw`drop view "Publisher"`,
          db.$executeRaw`alter table "RealPublisher" rename to "Publisher"`,
        ])
        .then(() => {
          isBack = true;
        });
      // Statements that still run keep the view from being dropped.
      await until('the table is back', async () => {
        await db.$queryRaw`
          select pg_cancel_backend(pid)
            from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
        return isBack;
      });
      await back;
    },
  };
}
