import { expect, test } from 'vitest';
import { boundArriving } from '../../src/http/arriving.ts';

const KIB = 1024;

test('the one that began first is let go when all together are too many, and small ones never', () => {
  const gone: object[] = [];
  const arriving = boundArriving<object>((one) => gone.push(one), 300 * KIB);
  const [small, first, second, third] = [{ small: true }, { n: 1 }, { n: 2 }, { n: 3 }];
  arriving.hold(small, 64 * KIB);
  arriving.hold(first, 100 * KIB);
  arriving.hold(second, 100 * KIB);
  arriving.hold(third, 100 * KIB);
  expect(gone).toEqual([]);
  arriving.hold(third, 101 * KIB);
  expect(gone).toEqual([first]);
  arriving.release(second);
  arriving.hold(third, 300 * KIB);
  expect(gone).toEqual([first]);
  // It has arrived, and the next one from it is small.
  arriving.hold(third, KIB);
  arriving.hold(second, 300 * KIB);
  expect(gone).toEqual([first]);
});
