import { expect, test } from 'vitest';
import type { Prisma, PrismaClient } from '../../../src/database/generated/client.ts';
import { BoardHistories } from '../../../src/domain/boards/histories.ts';

const SUBJECTS = 10_000;
/** The number of subjects that are worked out at a time. */
const AT_ONCE = 200;

test('a board of ten thousand subjects as known then reads the claims of a few hundred at a time', async () => {
  const asked: number[] = [];
  const db = {
    subject: {
      findMany: async () => Array.from({ length: SUBJECTS }, (_, index) => ({ id: index + 1, kind: 'BRAND' })),
    },
    // Statements that return JSON come whole, the others as a template.
    $queryRaw: async (...statements: readonly (Prisma.Sql | readonly string[])[]) => {
      const values = statements.flatMap((statement) =>
        'values' in statement && Array.isArray(statement.values) ? statement.values : [],
      );
      const lists = values.filter((value) => Array.isArray(value));
      asked.push(...lists.filter(([first]) => typeof first === 'number').map(({ length }) => length));
      return [{ json: '{ "subjects": [], "memberships": [] }', figures: [], sources: [], milestones: [] }];
    },
  };
  const scope = { metrics: ['DELIVERIES' as const], kinds: ['BRAND' as const], withinId: null };
  const histories = new BoardHistories(db as unknown as PrismaClient, scope, new Date());
  let known = 0;
  for await (const _history of histories.of(['BRAND'])) known += 1;
  expect(known).toBe(0);
  expect(Math.max(...asked)).toBe(AT_ONCE);
  expect(asked.length).toBeGreaterThanOrEqual(SUBJECTS / AT_ONCE);
});
