import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { ask, headOf, openSocket, refusalOf, send, TRANSPORTS } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const FIGURES = `subscription ($filter: FigureFilter, $after: Cursor) {
  event: figureRecorded(filter: $filter, after: $after) {
    cursor action subject { slug } figure { period value source { title } } observation { value }
  }
}`;

const MILESTONES = `subscription ($filter: MilestoneFilter, $after: Cursor) {
  event: milestoneReached(filter: $filter, after: $after) {
    cursor status subject { slug } milestone { threshold metric reachedOn }
  }
}`;

const CHANGES = `subscription ($filter: ChangeFilter, $after: Cursor) {
  event: changes(filter: $filter, after: $after) {
    __typename cursor subject { slug }
    ... on FigureChange { figure { value } }
    ... on MilestoneChange { milestone { threshold } }
  }
}`;

interface Pushed {
  readonly event: { readonly cursor: string; readonly subject: { readonly slug: string } };
}

let place: TestPlace;
let product: Product;

beforeAll(async () => {
  place = await placeDatabase('migrated');
  product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
});

afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('what one client records, another can query', async () => {
  const { brand, record } = await createFacts(product);
  const cursor = await record('2025-12', 57_000);
  const answer = await ask(
    product,
    `query ($slug: String!) {
      head
      brand(slug: $slug) {
        name
        observation(period: "2025-12") { value }
        figures { totalCount nodes { period value unit qualifier } }
      }
    }`,
    { slug: brand },
  );
  expect(answer).toEqual({
    head: cursor,
    brand: {
      name: brand,
      observation: { value: 57_000 },
      figures: {
        totalCount: 1,
        nodes: [{ period: '2025-12', value: 57_000, unit: 'VEHICLES', qualifier: 'EXACT' }],
      },
    },
  });
});

describe.each(TRANSPORTS)('over %s', (_name, subscribe) => {
  test('a recorded figure is pushed whole, and with a filter only figures that match', async () => {
    const { brand, other, record } = await createFacts(product);
    const after = await headOf(product);
    await using watch = subscribe<Pushed>(product, FIGURES, { filter: { subjects: [brand] }, after });
    await record('2025-11', 4_100, other);
    // No number is reached that would be a milestone, with an entry after the figure's.
    const cursor = await record('2025-12', 5_700);
    expect((await watch.next()).event).toEqual({
      cursor,
      action: 'RECORDED',
      subject: { slug: brand },
      figure: { period: '2025-12', value: 5_700, source: { title: expect.stringContaining('Article') } },
      observation: { value: 5_700 },
    });
  });

  test('an announced milestone is pushed whole, and with a filter no lower one is', async () => {
    const { brand, announce } = await createFacts(product);
    const after = await headOf(product);
    const filter = { subjects: [brand], threshold: 1_000_000 };
    await using watch = subscribe<Pushed>(product, MILESTONES, { filter, after });
    await announce(500_000);
    const cursor = await announce(1_000_000);
    expect((await watch.next()).event).toEqual({
      cursor,
      status: 'ANNOUNCED',
      subject: { slug: brand },
      milestone: { threshold: 1_000_000, metric: 'PRODUCTION', reachedOn: '2025-01-01' },
    });
  });

  test('every kind of change is pushed in the order of the log, and with a filter only changes that match', async () => {
    const { brand, other, record, announce } = await createFacts(product);
    const after = await headOf(product);
    await using watch = subscribe<Pushed>(product, CHANGES, { filter: { subjects: [brand] }, after });
    await record('2025-11', 100, other);
    const recorded = await record('2025-12', 200);
    await announce(1_000_000, other);
    const announced = await announce(1_000_000);
    await ask(
      product,
      `mutation ($slug: String!) { updateSubject(slug: $slug, input: { nameZh: "问界" }) { cursor } }`,
      {
        slug: brand,
      },
    );
    const subject = { slug: brand };
    expect([await watch.next(), await watch.next(), await watch.next()].map(({ event }) => event)).toEqual([
      { __typename: 'FigureChange', cursor: recorded, subject, figure: { value: 200 } },
      { __typename: 'MilestoneChange', cursor: announced, subject, milestone: { threshold: 1_000_000 } },
      { __typename: 'SubjectChange', cursor: await headOf(product), subject },
    ]);
  });

  test('without a cursor a subscription is live from now', async () => {
    const { brand, record } = await createFacts(product);
    await record('2024-01', 1);
    await using watch = subscribe<Pushed & { event: { figure: { value: number } } }>(product, FIGURES, {
      filter: { subjects: [brand] },
    });
    // Nothing signals when the subscription has begun, so more is recorded until some of it is seen.
    let value = 1;
    const first = watch.next();
    let seen = false;
    void first.finally(() => {
      seen = true;
    });
    await until('something is pushed', async () => {
      value += 1;
      await record(`${2010 + Math.floor(value / 12)}-${String((value % 12) + 1).padStart(2, '0')}`, value);
      return seen;
    });
    const begun = (await first).event.figure.value;
    expect(begun).toBeGreaterThan(1);
    for (let next = begun + 1; next <= value; next += 1) expect((await watch.next()).event.figure.value).toBe(next);
  });

  test.each([
    ['an invalid cursor', 'yesterday', 'CURSOR_INVALID'],
    ['a cursor of another log', Buffer.from('ffffffffffffffff.1').toString('base64url'), 'CURSOR_INVALID'],
  ])('a subscription after %s is refused with a reason', async (_what, after, code) => {
    await using watch = subscribe<Pushed>(product, CHANGES, { after });
    expect(await refusalOf(watch)).toContain(code);
  });

  test('a subscription to an unknown subject is refused, with suggestions', async () => {
    const { brand } = await createFacts(product);
    await using watch = subscribe<Pushed>(product, FIGURES, {
      filter: { subjects: [brand.replace('brand', 'brnad')] },
    });
    const refusal = await refusalOf(watch);
    expect(refusal).toContain('UNKNOWN_SUBJECT');
    expect(refusal).toContain(brand);
  });

  test('a subscription to an unknown field is refused', async () => {
    await using watch = subscribe<Pushed>(product, 'subscription { figureRecorded { nothing } }');
    expect(await refusalOf(watch)).toContain('Cannot query field');
  });

  test('a subscription that is not GraphQL is refused, and the server keeps working', async () => {
    await using watch = subscribe<Pushed>(product, 'subscription { figureRecorded {');
    await refusalOf(watch);
    expect((await send(product, '{ head }')).status).toBe(200);
  });

  test('two subscribers get the same events in the same order', async () => {
    const { brand, record } = await createFacts(product);
    const variables = { filter: { subjects: [brand] }, after: await headOf(product) };
    await using one = subscribe<Pushed>(product, FIGURES, variables);
    await using two = subscribe<Pushed>(product, FIGURES, variables);
    const cursors = [await record('2025-01', 1), await record('2025-02', 2), await record('2025-03', 3)];
    for (const watch of [one, two]) {
      for (const cursor of cursors) expect((await watch.next()).event.cursor).toBe(cursor);
    }
  });
});

test('a syntax error on a WebSocket does not affect the socket and its other subscriptions', async () => {
  const { brand, record } = await createFacts(product);
  const after = await headOf(product);
  const socket = openSocket(product);
  await using watch = socket.subscribe<Pushed>(FIGURES, { filter: { subjects: [brand] }, after });
  const first = await record('2025-11', 1);
  expect((await watch.next()).event.cursor).toBe(first);
  await using broken = socket.subscribe('subscription { figureRecorded {');
  expect(await broken.ended).toMatchObject({ by: 'error', errors: [{ message: expect.stringContaining('Syntax') }] });
  const second = await record('2025-12', 2);
  expect((await watch.next()).event.cursor).toBe(second);
});
