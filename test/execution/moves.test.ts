import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinAlliance, leaveAlliance } from '../../src/domain/editing/memberships.ts';
import { recordFigure } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject, updateSubject } from '../../src/domain/editing/subjects.ts';
import { type Reader, WAYS } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

interface Event {
  readonly cursor: string;
  readonly __typename: string;
  readonly subject?: { readonly slug: string };
  readonly figure?: { readonly value: number };
}

const SUBJECTS = ['old-company', 'new-company', 'union'] as const;
const FIGURES = `subscription ($after: Cursor, $subject: String!) {
  event: figureRecorded(after: $after, filter: { subjects: [$subject] }) { __typename cursor figure { value } } }`;
const CHANGES = `subscription ($after: Cursor, $subject: String!) {
  event: changes(after: $after, filter: { subjects: [$subject] }) {
    __typename cursor subject { slug } ... on FigureChange { figure { value } } } }`;
const PAGE = `query ($after: Cursor, $subject: String!) {
  changes(after: $after, filter: { subjects: [$subject] }) { nodes { cursor } } }`;

/** Before and after a brand moves from one company to another, joins an alliance, and leaves it again. */
describe.each(WAYS)('a reader over %s', (_way, subscribe) => {
  let server: TestServer;
  let record: (subject: string, value: number) => Promise<string>;

  const read = (query: string, subject: string, after: string | null): Reader<{ event: Event }> =>
    subscribe<{ event: Event }>(server.wsUrl, query, { variables: { subject, after } });
  const page = async (subject: string, after: string): Promise<readonly string[]> => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: PAGE, variables: { subject, after } }),
    });
    const { data } = (await response.json()) as { data: { changes: { nodes: { cursor: string }[] } } };
    return data.changes.nodes.map(({ cursor }) => cursor);
  };

  beforeAll(async () => {
    server = await openServer();
    const { db } = server;
    for (const slug of ['old-company', 'new-company'])
      await createSubject(db, { kind: 'COMPANY', slug, name: slug, brandsComplete: false });
    await createSubject(db, { kind: 'ALLIANCE', slug: 'union', name: 'Union' });
    await createSubject(db, { kind: 'BRAND', slug: 'brand', name: 'Brand', parent: 'old-company' });
    const publisher = { slug: 'gazette', name: 'The Gazette', tier: 3 };
    const { source } = await registerSource(db, { publisher, title: 'All of them' });
    let day = 10;
    record = async (subject, value) => {
      day += 1;
      const { cursor } = await recordFigure(db, {
        ...{ subject, metric: 'DELIVERIES', period: `2025-01-${day}`, value, qualifier: 'EXACT', sourceId: source.id },
        acknowledgeOutlier: true,
      });
      return cursor as string;
    };
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('gets the same live, resuming from anywhere, and page by page', async () => {
    const { db } = server;
    const places = [await server.head()];
    const live = SUBJECTS.map((subject) => ({
      subject,
      changes: read(CHANGES, subject, null),
      figures: read(FIGURES, subject, null),
    }));
    await until('all have joined', () => server.subscriptions.groups === live.length * 2);

    places.push(await record('brand', 1));
    places.push((await updateSubject(db, 'brand', { parent: 'new-company' })).cursor);
    places.push(await record('brand', 2));
    const joined = await joinAlliance(db, { alliance: 'union', brand: 'brand', joinedOn: '2024-01-01' });
    places.push(joined.cursor);
    places.push(await record('brand', 3));
    places.push((await leaveAlliance(db, joined.membership.id, '2025-06-01')).cursor);
    places.push(await record('brand', 4));
    // What each gets last, so that a reader that gets too much is found.
    for (const subject of SUBJECTS) await record(subject, 5);

    const told = (reader: Reader<{ event: Event }>): readonly Event[] =>
      reader.results.flatMap(({ data }) => (data === undefined ? [] : [data.event]));
    const hasLast = (reader: Reader<{ event: Event }>): boolean => told(reader).at(-1)?.figure?.value === 5;
    await until('the live ones have the last', () => live.every((one) => hasLast(one.changes) && hasLast(one.figures)));
    const summary = live.map(({ subject, changes, figures }) => ({
      subject,
      changes: told(changes).map(({ __typename, figure }) => figure?.value ?? __typename),
      figures: told(figures).map(({ figure }) => figure?.value),
    }));
    expect(summary).toEqual([
      { subject: 'old-company', changes: [1, 'SubjectChange', 5], figures: [1, 5] },
      { subject: 'new-company', changes: ['SubjectChange', 2, 3, 4, 5], figures: [2, 3, 4, 5] },
      { subject: 'union', changes: ['MembershipChange', 3, 'MembershipChange', 5], figures: [3, 5] },
    ]);

    for (const { subject, ...readers } of live) {
      for (const [index, after] of places.entries()) {
        for (const [query, whole] of [
          [CHANGES, told(readers.changes)],
          [FIGURES, told(readers.figures)],
        ] as const) {
          const resumed = read(query, subject, after);
          await until(`${subject} has the last after place ${index}`, () => hasLast(resumed));
          const passed = new Set(places.slice(0, index + 1));
          const rest = whole.filter(({ cursor }) => !passed.has(cursor));
          expect(told(resumed), `${subject} after place ${index}`).toEqual(rest);
          if (query === CHANGES) expect(await page(subject, after)).toEqual(rest.map(({ cursor }) => cursor));
          resumed.stop();
        }
      }
      readers.changes.stop();
      readers.figures.stop();
    }
    await until('all have gone', () => server.subscriptions.groups === 0);
  });
});
