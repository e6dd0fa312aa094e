import { expect, test } from 'vitest';
import { PushList } from '../../graphiql/src/push-list.ts';

test('pushes are listed newest first, each with its number and when it arrived', () => {
  const list = new PushList();
  list.add({ data: { a: 1 } }, new Date(2026, 10, 27, 9, 5, 7, 42));
  list.add({ data: { a: 2 } }, new Date(2026, 10, 27, 23, 59, 59, 999));
  expect(list.shown()).toEqual({
    received: 2,
    pushes: [
      { number: 2, at: '23:59:59.999', data: { a: 2 } },
      { number: 1, at: '09:05:07.042', data: { a: 1 } },
    ],
  });
});

test('of more than a hundred the last hundred are listed, and it says of how many', () => {
  const list = new PushList();
  for (let number = 1; number <= 250; number += 1) list.add({ data: { number } }, new Date());
  const shown = list.shown() as { received: number; listed: string; pushes: readonly { number: number }[] };
  expect(shown).toMatchObject({ received: 250, listed: 'the last 100, newest first' });
  expect([shown.pushes.length, shown.pushes[0]?.number, shown.pushes.at(-1)?.number]).toEqual([100, 250, 151]);
});

test('what has arrived stays when a subscription ends, below how it ended', () => {
  const list = new PushList();
  list.add({ data: { a: 1 } }, new Date());
  list.end({ ended: 'The connection was closed: 4401 Key revoked' });
  expect(Object.keys(list.shown())).toEqual(['received', 'ended', 'pushes']);
  expect(list.shown()).toMatchObject({ received: 1, pushes: [{ number: 1 }] });
});

test('a connection that was lost in between is told, because pushes can be missing', () => {
  const list = new PushList();
  list.add({ data: { a: 1 } }, new Date());
  list.back(new Date(2026, 10, 27, 9, 5, 7, 42));
  list.back(new Date(2026, 10, 27, 9, 5, 9, 0));
  expect(list.shown()).toMatchObject({
    received: 1,
    interrupted:
      'The connection was lost, and was back at 09:05:07.042, 09:05:09.000. What was pushed in between is not here.',
  });
});
