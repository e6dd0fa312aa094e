import { expect, test } from 'vitest';
import { readExample, thoseThatFit } from '../../graphiql/src/example.ts';

test('an example is named after its operation, and says its first sentence, over the ends of its lines', () => {
  const query =
    '# Who is ahead in the newest month\n# that has ended. Ties share a rank.\nquery Board {\n  # Not this.\n  head\n}\n';
  expect(readExample(query)).toEqual({
    name: 'Board',
    kind: 'query',
    about: 'Who is ahead in the newest month that has ended.',
    query,
  });
});

test('a list after the first sentence is left out', () => {
  const query = '# One brand and what is related:\n# its company.\nsubscription Brand { live { head } }\n';
  expect(readExample(query)).toMatchObject({ kind: 'subscription', about: 'One brand and what is related.' });
});

test('a phone shows one or two examples as tabs, a wide page more, and a wall all', () => {
  const examples = Array.from({ length: 37 }, (_, index) => readExample(`query Example${index} { head }`));
  const fitting = (width: number) => thoseThatFit(width, examples).length;
  expect([fitting(100), fitting(390), fitting(1_200), fitting(10_000)]).toEqual([1, 2, 8, 37]);
});
