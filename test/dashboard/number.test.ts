import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { stubBrowser } from '../support/browser-globals.ts';

type Numbers = typeof import('../../dashboard/src/format/number.ts');
type Languages = typeof import('../../dashboard/src/i18n/language.ts');

let numbers: Numbers;
let languages: Languages;

beforeAll(async () => {
  stubBrowser();
  languages = await import('../../dashboard/src/i18n/language.ts');
  numbers = await import('../../dashboard/src/format/number.ts');
});
afterAll(() => void vi.unstubAllGlobals());

test.each([
  ['en', 999_499, '999K'],
  ['en', 999_950, '1M'],
  ['en', 1_234_567, '1.23M'],
  ['zh', 9_999, '1万'],
  ['zh', 99_950_000, '1亿'],
  ['zh', 99_949_999, '9990万'],
  ['zh', 1_000_000, '100万'],
  ['zh', 14_432_000_000, '144亿'],
  ['zh', 0, '0'],
] as const)('in %s %d is short as %s', (language, value, words) => {
  languages.language.value = language;
  expect(numbers.short(value)).toBe(words);
});

test('a short number is off by less than a hundredth, and never has four digits before its unit', () => {
  const units = { K: 1e3, M: 1e6, B: 1e9, 万: 1e4, 亿: 1e8 } as const;
  fc.assert(
    fc.property(fc.constantFrom('en', 'zh'), fc.integer({ min: 1, max: 20_000_000_000 }), (language, value) => {
      languages.language.value = language;
      const text = numbers.short(value);
      const [, digits = '', unit] = /^([\d.,]+)(\D?)$/.exec(text) ?? [];
      const read = Number(digits.replaceAll(',', '')) * (units[unit as keyof typeof units] ?? 1);
      expect(Math.abs(read - value) / value).toBeLessThan(0.01);
      expect(Number(digits.replaceAll(',', ''))).toBeLessThan(language === 'zh' ? 10_000 : 1_000);
    }),
  );
});
