import { afterAll, describe, expect, test } from 'vitest';
import { addDays, dayOf } from '../../src/domain/values/calendar.ts';
import { openApi } from '../support/api.ts';
import {
  givenSource,
  givenSubject,
  problemsOf,
  stateOf,
  USER_ERRORS,
  type UserError,
  write,
} from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const MEMBERSHIP =
  'cursor membership { id alliance { slug } brand { slug } company { slug } joinedOn leftOn source { id } }';

interface Payload {
  readonly cursor: string | null;
  readonly membership: Readonly<Record<string, unknown>> & { readonly id: string };
  readonly userErrors: readonly UserError[];
}

function join(input: object): Promise<Payload> {
  return write<Payload>(api, 'joinAlliance', input, MEMBERSHIP);
}

async function leave(membershipId: string, leftOn: string): Promise<Payload> {
  const { payload } = await api.ask<{ payload: Payload }>(
    `mutation ($id: ID!, $on: PartialDate!) {
      payload: leaveAlliance(membershipId: $id, leftOn: $on) { ${MEMBERSHIP} ${USER_ERRORS} }
    }`,
    { id: membershipId, on: leftOn },
  );
  return payload;
}

async function givenPair(): Promise<{ alliance: string; brand: string; company: string }> {
  const company = await givenSubject(api, 'COMPANY');
  return {
    alliance: await givenSubject(api, 'ALLIANCE'),
    brand: await givenSubject(api, 'BRAND', { parent: company }),
    company,
  };
}

/** Who is a member on a day, and whose member the brand is. */
function membersOn({ alliance, brand }: { alliance: string; brand: string }, on?: string) {
  return api.ask(
    `query ($alliance: String!, $brand: String!, $on: Date) {
      alliance(slug: $alliance) { members(on: $on) { brand { slug } } } brand(slug: $brand) { alliance(on: $on) { slug } }
    }`,
    { alliance, brand, on },
  );
}

const inside = ({ alliance, brand }: { alliance: string; brand: string }) => ({
  alliance: { members: [{ brand: { slug: brand } }] },
  brand: { alliance: { slug: alliance } },
});
const OUTSIDE = { alliance: { members: [] }, brand: { alliance: null } };

describe('joinAlliance', () => {
  test('makes a brand a member, with the company above the brand, and writes it to the log', async () => {
    const { alliance, brand, company } = await givenPair();
    const sourceId = await givenSource(api);
    const payload = await join({ alliance, brand, joinedOn: '2023-11', sourceId });
    expect(payload).toEqual({
      cursor: expect.any(String),
      membership: {
        id: expect.any(String),
        alliance: { slug: alliance },
        brand: { slug: brand },
        company: { slug: company },
        joinedOn: '2023-11',
        leftOn: null,
        source: { id: sourceId },
      },
      userErrors: [],
    });
    const data = await api.ask(
      `query ($alliance: String!) {
        head changes(filter: { subjects: [$alliance], includeDescendants: false }) {
          nodes { cursor ... on MembershipChange { membership { id } } }
        }
      }`,
      { alliance },
    );
    const entry = { cursor: payload.cursor, membership: { id: payload.membership.id } };
    expect(data).toMatchObject({ head: payload.cursor, changes: { nodes: [{}, entry] } });
  });

  test('stores the company that is named, and none when none is known', async () => {
    const { alliance, brand } = await givenPair();
    const other = await givenSubject(api, 'COMPANY');
    expect((await join({ alliance, brand, company: other })).membership.company).toEqual({ slug: other });
    const orphan = await givenSubject(api, 'BRAND');
    expect((await join({ alliance, brand: orphan })).membership).toMatchObject({ company: null, joinedOn: null });
  });

  test('stores for a part of a brand the company at the top', async () => {
    const { alliance, brand, company } = await givenPair();
    const part = await givenSubject(api, 'BRAND', { parent: brand });
    expect((await join({ alliance, brand: part })).membership.company).toEqual({ slug: company });
    const orphan = await givenSubject(api, 'BRAND', { parent: await givenSubject(api, 'BRAND') });
    expect((await join({ alliance, brand: orphan })).membership.company).toBeNull();
  });

  test('refuses a brand that is a member already', async () => {
    const { alliance, brand } = await givenPair();
    await join({ alliance, brand, joinedOn: '2024' });
    const before = await stateOf(api);
    for (const joinedOn of [null, '2023', '2024', '2025-06-01']) {
      expect(problemsOf(await join({ alliance, brand, joinedOn }))).toEqual(['ALREADY_EXISTS input.brand']);
    }
    expect(await stateOf(api)).toEqual(before);
  });

  test('makes a brand a member once when it is sent five times at the same time', async () => {
    const { alliance, brand } = await givenPair();
    const payloads = await Promise.all(Array.from({ length: 5 }, () => join({ alliance, brand })));
    expect(payloads.flatMap(problemsOf)).toEqual(Array(4).fill('ALREADY_EXISTS input.brand'));
    expect(await api.db.membership.count({ where: { brand: { slug: brand } } })).toBe(1);
  });

  test('names all problems at once, each with its path', async () => {
    const { alliance, brand } = await givenPair();
    const wrong = { alliance: brand, brand: alliance, company: brand, joinedOn: '2024-13', sourceId: 'none' };
    expect(problemsOf(await join(wrong))).toEqual([
      'INVALID_INPUT input.alliance',
      'INVALID_INPUT input.brand',
      'INVALID_INPUT input.company',
      'INVALID_INPUT input.joinedOn',
      'UNKNOWN_SOURCE input.sourceId',
    ]);
    await givenSubject(api, 'ALLIANCE', { slug: 'harmony' });
    const { userErrors } = await join({ alliance: 'harmonie', brand: 'nobody', company: 'none-of-that-name' });
    expect(userErrors.map(({ code, path, didYouMean }) => [code, path.at(-1), didYouMean])).toEqual([
      ['UNKNOWN_SUBJECT', 'alliance', ['harmony']],
      ['UNKNOWN_SUBJECT', 'brand', []],
      ['UNKNOWN_SUBJECT', 'company', []],
    ]);
  });
});

describe('leaveAlliance', () => {
  test('ends a membership on the first day that it no longer covers', async () => {
    const pair = await givenPair();
    const { membership } = await join({ ...pair, joinedOn: '2024-03-15' });
    const left = await leave(membership.id, '2025-06-01');
    expect(left).toMatchObject({ membership: { id: membership.id, leftOn: '2025-06-01' }, userErrors: [] });
    expect(await membersOn(pair, '2024-03-14')).toEqual(OUTSIDE);
    expect(await membersOn(pair, '2024-03-15')).toEqual(inside(pair));
    expect(await membersOn(pair, '2025-05-31')).toEqual(inside(pair));
    expect(await membersOn(pair, '2025-06-01')).toEqual(OUTSIDE);
  });

  test('takes a month or a year as its first day', async () => {
    const pair = await givenPair();
    const { membership } = await join({ ...pair, joinedOn: '2024' });
    await leave(membership.id, '2025-06');
    expect(await membersOn(pair, '2023-12-31')).toEqual(OUTSIDE);
    expect(await membersOn(pair, '2024-01-01')).toEqual(inside(pair));
    expect(await membersOn(pair, '2025-05-31')).toEqual(inside(pair));
    expect(await membersOn(pair, '2025-06-01')).toEqual(OUTSIDE);
  });

  test('uses today in Shanghai when no day is given', async () => {
    const today = dayOf(new Date());
    const leaving = await givenPair();
    await leave((await join(leaving)).membership.id, addDays(today, 1));
    expect(await membersOn(leaving)).toEqual(inside(leaving));
    const gone = await givenPair();
    await leave((await join(gone)).membership.id, today);
    expect(await membersOn(gone)).toEqual(OUTSIDE);
  });

  test.each(['2024-03-15', '2024-03', '2024', '2023-12-31'])(
    'refuses %s, which is not after the day of joining',
    async (day) => {
      const { membership } = await join({ ...(await givenPair()), joinedOn: '2024-03-15' });
      const before = await stateOf(api);
      expect(problemsOf(await leave(membership.id, day))).toEqual(['INVALID_INPUT leftOn']);
      expect(await stateOf(api)).toEqual(before);
    },
  );

  test('refuses an invalid day, an unknown membership, and a second end', async () => {
    expect(problemsOf(await leave('none', 'soon'))).toEqual(['INVALID_INPUT leftOn', 'INVALID_INPUT membershipId']);
    const { membership } = await join(await givenPair());
    await leave(membership.id, '2025');
    expect(problemsOf(await leave(membership.id, '2026'))).toEqual(['INVALID_INPUT membershipId']);
  });
});

test('a brand that left can join again, and its memberships stay apart', async () => {
  const pair = await givenPair();
  const first = await join({ ...pair, joinedOn: '2023' });
  await leave(first.membership.id, '2024');
  expect(problemsOf(await join({ ...pair, joinedOn: '2023-12-31' }))).toEqual(['ALREADY_EXISTS input.brand']);
  const second = await join({ ...pair, joinedOn: '2024-01-01' });
  expect(second.membership.id).not.toBe(first.membership.id);
  const data = await api.ask('query ($slug: String!) { brand(slug: $slug) { memberships { joinedOn leftOn } } }', {
    slug: pair.brand,
  });
  expect(data).toEqual({
    brand: {
      memberships: [
        { joinedOn: '2023', leftOn: '2024' },
        { joinedOn: '2024-01-01', leftOn: null },
      ],
    },
  });
  expect(await membersOn(pair, '2023-12-31')).toEqual(inside(pair));
  expect(await membersOn(pair, '2024-01-01')).toEqual(inside(pair));
});
