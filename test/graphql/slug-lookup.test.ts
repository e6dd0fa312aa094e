import { afterAll, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { subscribe } from '../support/readers.ts';
import { until } from '../support/wait.ts';

const api = await openApi({ seeded: true });
afterAll(() => api[Symbol.asyncDispose]());

interface Hinted {
  readonly data?: unknown;
  readonly extensions?: { readonly didYouMean?: readonly { readonly path: readonly unknown[] }[] };
}
const query = (document: string) => api.query(document) as Promise<Hinted>;

test('every lookup by slug takes the slug in any case, with spaces around it', async () => {
  const data = await api.ask(`{
    subject(slug: " NIO-Inc ") { slug }
    brand(slug: "NIO") { slug }
    company(slug: "Nio-inc") { slug }
    alliance(slug: "HIMA") { slug }
    model(slug: "AITO-M9") { slug }
    plant(slug: "Seres-Super-Factory") { slug }
    market(slug: "China-Auto") { slug }
    observation(subject: "LeapMotor ", period: "2026-01") { value }
    series(subjects: ["NIO", "nio", "Aito"], from: "2026-01", to: "2026-01") { subject { slug } }
    figures(filter: { subjects: ["LEAPMOTOR"], periods: ["2026-01"], metrics: [DELIVERIES] }) { totalCount }
    targets(subjects: ["Xiaomi-Auto", "xiaomi-auto"]) { nodes { subject { slug } } }
  }`);
  expect(data).toMatchObject({
    subject: { slug: 'nio-inc' },
    brand: { slug: 'nio' },
    company: { slug: 'nio-inc' },
    alliance: { slug: 'hima' },
    model: { slug: 'aito-m9' },
    plant: { slug: 'seres-super-factory' },
    market: { slug: 'china-auto' },
    observation: { value: 32_059 },
    series: [{ subject: { slug: 'nio' } }, { subject: { slug: 'nio' } }, { subject: { slug: 'aito' } }],
    figures: { totalCount: 5 },
    targets: { nodes: expect.arrayContaining([{ subject: { slug: 'xiaomi-auto' } }]) },
  });
});

test('a write takes the slug of a subject in any case', async () => {
  const { updateSubject } = await api.ask<{ updateSubject: { subject: unknown } }>(
    'mutation { updateSubject(slug: "Onvo", input: { parent: "NIO-INC" }) { subject { slug } userErrors { message } } }',
  );
  expect(updateSubject).toEqual({ subject: { slug: 'onvo' }, userErrors: [] });
  const { updateSubject: own } = await api.ask<{ updateSubject: { userErrors: unknown } }>(
    'mutation { updateSubject(slug: "ONVO", input: { parent: "onvo" }) { userErrors { message } } }',
  );
  expect(own).toMatchObject({ userErrors: [{ message: '"ONVO" cannot be its own parent.' }] });
});

test('a lookup that finds nothing comes with the slugs that may have been meant, each at its path', async () => {
  const { data, extensions } = await query(`{
    brand(slug: "leapmoter") { slug }
    firm: company(slug: "leapmotor") { slug }
    subject(slug: "zzzzzz") { slug }
    observation(subject: "xpang", period: "2026-01") { value }
    aito: brand(slug: "aito") { observation(metric: MARKET_SHARE, period: "2026-01", within: "chinna-auto") { value } }
  }`);
  expect(data).toMatchObject({
    brand: null,
    firm: null,
    subject: null,
    observation: null,
    aito: { observation: null },
  });
  expect(extensions?.didYouMean).toEqual([
    { path: ['aito', 'observation'], argument: 'within', slugs: ['china-auto'] },
    { path: ['brand'], argument: 'slug', slugs: ['leapmotor'] },
    { path: ['firm'], argument: 'slug', slugs: ['leapmotor-inc'] },
    { path: ['observation'], argument: 'subject', slugs: expect.arrayContaining(['xpeng']) },
  ]);
});

test('an answer in which everything was found has no extensions', async () => {
  expect(await query('{ brand(slug: "NIO") { slug } }')).toEqual({ status: 200, data: { brand: { slug: 'nio' } } });
});

test('many lookups that find nothing are compared with the names for the first 50 only', async () => {
  const many = Array.from({ length: 120 }, (_, at) => `a${at}: brand(slug: "aitoo${at}") { slug }`).join(' ');
  const { extensions } = await query(`{ ${many} }`);
  expect(extensions?.didYouMean?.length).toBeGreaterThan(0);
  expect(extensions?.didYouMean?.length).toBeLessThanOrEqual(50);
});

const WANTED = [{ path: ['live', 'brand'], argument: 'slug', slugs: ['leapmotor'] }];

test('a live query and an event stream say it as well, and no more once the subject is there', async () => {
  const reader = subscribe<{ live: { brand: unknown } }>(
    api.server.wsUrl,
    'subscription { live { brand(slug: "leapmoter") { slug } } }',
  );
  await until('it is answered', () => reader.results.length === 1);
  expect(reader.results[0]).toEqual({ data: { live: { brand: null } }, extensions: { didYouMean: WANTED } });
  const response = await fetch(
    `${api.server.url}?${new URLSearchParams({ query: '{ brand(slug: "leapmoter") { slug } }' })}`,
    { headers: { accept: 'text/event-stream' } },
  );
  expect(await response.text()).toContain(
    '"extensions":{"didYouMean":[{"path":["brand"],"argument":"slug","slugs":["leapmotor"]}]}',
  );
  await api.ask(
    'mutation { createSubject(input: { kind: BRAND, slug: "leapmoter", name: "Leapmoter" }) { userErrors { message } } }',
  );
  await until('it is there', () => reader.results.length === 2);
  expect(reader.results[1]).toEqual({ data: { live: { brand: { slug: 'leapmoter' } } } });
  reader.stop();
});

test('an event says it as well', async () => {
  const after = await api.server.head();
  const reader = subscribe(
    api.server.wsUrl,
    `subscription ($after: Cursor) { figureRecorded(after: $after) { figure { subject {
      slug observation(metric: MARKET_SHARE, period: "2025-01", within: "chinna-auto") { value }
    } } } }`,
    { variables: { after } },
  );
  await api.ask(`mutation { recordFigure(input: {
    subject: "Aito", metric: DELIVERIES, period: "2023-01-01", value: 100, sourceId: "U291cmNlOjE=", acknowledgeOutlier: true
  }) { userErrors { message } } }`);
  await until('it is pushed', () => reader.results.length === 1);
  reader.stop();
  expect(reader.results[0]).toEqual({
    data: { figureRecorded: { figure: { subject: { slug: 'aito', observation: null } } } },
    extensions: {
      didYouMean: [
        { path: ['figureRecorded', 'figure', 'subject', 'observation'], argument: 'within', slugs: ['china-auto'] },
      ],
    },
  });
});
