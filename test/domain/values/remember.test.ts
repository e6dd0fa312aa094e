import { expect, test } from 'vitest';
import { remember } from '../../../src/domain/values/remember.ts';

function counted(most: number) {
  const asked: string[] = [];
  const work = remember(most, (text) => {
    asked.push(text);
    return text === '' ? null : { text };
  });
  return { work, asked };
}

test('a text is worked out once, also one that means nothing', () => {
  const { work, asked } = counted(2);
  expect([work('a'), work(''), work('a'), work('')]).toEqual([{ text: 'a' }, null, { text: 'a' }, null]);
  expect(asked).toEqual(['a', '']);
});

test('the oldest results are forgotten', () => {
  const { work, asked } = counted(2);
  for (const text of ['a', 'b', 'c', 'b', 'a']) work(text);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});

test('long texts, which clients can send, are not kept', () => {
  const { work, asked } = counted(2);
  const long = 'x'.repeat(1_000);
  for (const text of ['a', 'b', long, long, 'a']) work(text);
  expect(asked).toEqual(['a', 'b', long, long]);
});

test('nobody can change what others get', () => {
  expect(Object.isFrozen(counted(1).work('a'))).toBe(true);
});
