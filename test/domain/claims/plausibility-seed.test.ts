import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteImplausible } from '../../../src/domain/claims/plausibility.ts';
import { noteEarlyPublication } from '../../../src/domain/claims/publication.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { collectProblems } from '../../../src/domain/values/problems.ts';
import { present } from '../../../src/required.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('no figure of the seed is implausible beside all others, and none was published before its period ended', async () => {
  const figures = await scenario.api.db.figure.findMany({
    where: { claimKey: { not: null } },
    include: { source: true },
  });
  const problems = collectProblems();
  const candidates = figures.map(({ source, ...figure }) => {
    const claim = { period: present(parsePeriod(figure.period)), publishedOn: source.publishedOn, acknowledged: false };
    noteEarlyPublication(problems, String(figure.id), claim);
    const data = { ...figure, claimKey: present(figure.claimKey) };
    return { data, problems: problems.at(String(figure.id)), acknowledged: false };
  });
  await noteImplausible(
    scenario.api.db,
    candidates,
    figures.map(({ id }) => id),
  );
  expect(figures.length).toBeGreaterThan(1_500);
  expect(() => problems.throwIfAny()).not.toThrow();
});

test('the examples of the documentation are answered as it says', async () => {
  const sourceId = await scenario.source(3);
  const expectMessage = (subject: string, period: string, value: number, message: string) =>
    expect(scenario.record(subject, { [period]: value }, { sourceId })).rejects.toMatchObject({
      userErrors: [{ code: 'SUSPECT_MAGNITUDE', message: expect.stringContaining(message) }],
    });
  await expectMessage(
    'aito',
    '2025-12',
    6,
    '6 is 9500 times less than the 57000 to 57778 of 2025-12 and 8610 times less than the 51677 of 2025-11 and 6670 times less than the 40016 of 2026-01 (20 times is the limit).',
  );
  await expectMessage(
    'hima',
    '2025-12',
    50_000,
    '50000 of hima in 2025-12 is less than the 57000 to 57778 of aito, which is a part of it.',
  );
  await expectMessage('nio-inc', '../2025-12-31', 99_000, '99000 of ../2025-12-31 is less than the ');
});
