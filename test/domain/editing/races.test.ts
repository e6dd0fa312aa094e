import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { type Api, openApi } from '../../support/api.ts';
import { holdSubjects } from '../../support/subject-lock.ts';
import { givenSource, givenSubject, problemsOf, USER_ERRORS, type UserError, write } from '../../support/writes.ts';

let api: Api;
let sourceId: string;

beforeAll(async () => {
  api = await openApi();
  sourceId = await givenSource(api);
});

afterAll(() => api[Symbol.asyncDispose]());

describe('when subjects are put under each other at the same time', () => {
  // Each waiting write holds one of the few connections.
  test.each([2, 3])('one of %i companies stays where it was', async (count) => {
    const companies = await givenMany('COMPANY', count);
    const outcomes = await whileHeld(companies, companies.length, () =>
      companies.map((slug, index) => move(slug, companies[(index + 1) % count] as string)),
    );
    expect(outcomes.flatMap(problemsOf)).toEqual(['INVALID_INPUT input.parent']);
  });

  test('ancestors count too: a cycle cannot be closed from both of its ends', async () => {
    const [top, middle, bottom, other] = (await givenMany('COMPANY', 4)) as [string, string, string, string];
    for (const [slug, parent] of [
      [middle, top],
      [bottom, middle],
    ] as const)
      expect(problemsOf(await move(slug, parent))).toEqual([]);
    const outcomes = await whileHeld([top, other], 2, () => [move(top, other), move(other, bottom)]);
    expect(outcomes.flatMap(problemsOf)).toEqual(['INVALID_INPUT input.parent']);
  });
});

test('a figure about a brand that moves meanwhile counts for the company it moved to', async () => {
  // With other brands than this one, so that it is not the brand under another name.
  const [from, to] = [
    await givenSubject(api, 'COMPANY', { brandsComplete: false }),
    await givenSubject(api, 'COMPANY', { brandsComplete: false }),
  ];
  const brand = await givenSubject(api, 'BRAND', { parent: from });
  const outcomes = await whileHeld(
    [brand],
    2,
    () => [move(brand, to)],
    () => [record(brand, '../2025-01-31', 10_400)],
  );
  expect(outcomes.flatMap(problemsOf)).toEqual([]);
  const milestones = await api.db.milestone.findMany({
    where: { subject: { slug: { in: [from, to, brand] } } },
    select: { status: true, subject: { select: { slug: true } } },
  });
  const statuses = new Map(milestones.map(({ subject: { slug }, status }) => [slug, status]));
  expect(statuses.get(to)).toBe('DETECTED');
  expect(statuses.get(brand)).toBe('DETECTED');
  expect(statuses.get(from) ?? 'WITHDRAWN').toBe('WITHDRAWN');
  expect(await differencesOf([from, to, brand])).toEqual([]);
});

test('a brand that joins an alliance while it moves joins with the company it moved to', async () => {
  const [from, to] = (await givenMany('COMPANY', 2)) as [string, string];
  const brand = await givenSubject(api, 'BRAND', { parent: from });
  const alliance = await givenSubject(api, 'ALLIANCE');
  const outcomes = await whileHeld(
    [brand],
    2,
    () => [move(brand, to)],
    () => [write(api, 'joinAlliance', { alliance, brand })],
  );
  expect(outcomes.flatMap(problemsOf)).toEqual([]);
  const membership = await api.db.membership.findFirstOrThrow({
    where: { alliance: { slug: alliance } },
    include: { company: true },
  });
  expect(membership.company?.slug).toBe(to);
});

test('a ranking that no longer changes anything answers with the figure as it is', async () => {
  const brand = await givenSubject(api, 'BRAND');
  const { figure } = await record(brand, '2025-01', 900);
  const id = figure?.id as string;
  const outcomes = await whileHeld([brand], 2, () => [rank(id), rank(id)]);
  expect(outcomes.flatMap(problemsOf)).toEqual([]);
  expect(outcomes.map(({ deduplicated }) => deduplicated).sort()).toEqual([false, true]);
  expect(outcomes.map(({ figure: ranked }) => ranked?.rank)).toEqual(['DEPRECATED', 'DEPRECATED']);
});

test('a refused document leaves no publisher behind', async () => {
  await api.db.$executeRaw`alter table "Source" add constraint refused check (title <> 'Refused')`;
  const publisher = { slug: 'of-nothing', name: 'Of nothing', tier: 4 };
  const { errors } = await api.query(
    'mutation ($input: SourceInput!) { registerSource(input: $input) { source { id } } }',
    { input: { publisher, title: 'Refused' } },
  );
  expect(errors).toHaveLength(1);
  expect(await api.db.publisher.count({ where: { slug: publisher.slug } })).toBe(0);
});

interface Outcome {
  readonly userErrors: readonly UserError[];
  readonly deduplicated?: boolean;
  readonly figure?: { readonly id: string; readonly rank: string } | null;
}

async function givenMany(kind: string, count: number): Promise<readonly string[]> {
  const slugs: string[] = [];
  for (let index = 0; index < count; index += 1) slugs.push(await givenSubject(api, kind));
  return slugs;
}

/** Sends writes while nobody can write about the subjects, each list once the one before waits; returns their answers. */
async function whileHeld(
  slugs: readonly string[],
  waiting: number,
  ...send: readonly (() => readonly Promise<Outcome>[])[]
): Promise<readonly Outcome[]> {
  await using held = await holdSubjects(api.db, slugs);
  const sent: Promise<Outcome>[] = [];
  for (const [index, list] of send.entries()) {
    sent.push(...list());
    await held.waitedForBy(index === send.length - 1 ? waiting : sent.length);
  }
  await held.release();
  return Promise.all(sent);
}

async function move(slug: string, parent: string): Promise<Outcome> {
  const { payload } = await api.ask<{ payload: Outcome }>(
    `mutation ($slug: String!, $patch: SubjectPatch!) {
      payload: updateSubject(slug: $slug, input: $patch) { ${USER_ERRORS} }
    }`,
    { slug, patch: { parent } },
  );
  return payload;
}

function record(subject: string, period: string, value: number): Promise<Outcome> {
  const input = { subject, metric: 'DELIVERIES', period, value, sourceId, acknowledgeOutlier: true };
  return write(api, 'recordFigure', input, 'figure { id rank }');
}

async function rank(id: string): Promise<Outcome> {
  const { payload } = await api.ask<{ payload: Outcome }>(
    `mutation ($id: ID!) {
      payload: rankFigure(id: $id, rank: DEPRECATED, reason: "A slip.") { figure { id rank } deduplicated ${USER_ERRORS} }
    }`,
    { id },
  );
  return payload;
}

/** What is stored about subjects and differs from what the figures amount to. */
async function differencesOf(slugs: readonly string[]): Promise<readonly unknown[]> {
  const { differences } = await verifyDerived(api.db);
  return differences.filter(({ about }) => slugs.includes(about.split(/[ :]/)[0] as string));
}
