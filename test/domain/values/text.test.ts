import { describe, expect, it } from 'vitest';
import { collectProblems } from '../../../src/domain/values/problems.ts';
import { checkText, foldText } from '../../../src/domain/values/text.ts';
import { BadInput, type Problem } from '../../../src/errors.ts';

function problemsOf(text: string | null | undefined, max: number): readonly Problem[] {
  const problems = collectProblems('input');
  checkText(problems, 'name', text, max);
  try {
    problems.throwIfAny();
    return [];
  } catch (error) {
    return (error as BadInput).problems;
  }
}

describe('checkText', () => {
  it.each([null, undefined, 'a', 'abc', ' a '])('accepts %j', (text) => {
    expect(problemsOf(text, 3)).toEqual([]);
  });

  it.each(['', '  '])('refuses %j as empty', (text) => {
    expect(problemsOf(text, 3)).toEqual([
      { code: 'INVALID_INPUT', path: ['input', 'name'], message: 'name is empty.', didYouMean: [] },
    ]);
  });

  it('refuses one character too many', () => {
    expect(problemsOf('abcd', 3).map(({ message }) => message)).toEqual([
      'name has 4 characters; at most 3 are allowed.',
    ]);
  });
});

describe('collectProblems', () => {
  it('collects the problems of all parts under their paths, and throws them at once', () => {
    const problems = collectProblems('input');
    expect(problems.count).toBe(0);
    expect(() => problems.throwIfAny()).not.toThrow();
    const part = problems.at('figures', '1');
    part.add('INVALID_INPUT', 'value', 'The value is wrong.', ['1,000']);
    problems.add('UNKNOWN_SUBJECT', ['brand', 'slug'], 'There is no such brand.');
    expect([problems.count, part.count]).toEqual([2, 2]);
    const expected = [
      {
        code: 'INVALID_INPUT',
        path: ['input', 'figures', '1', 'value'],
        message: 'The value is wrong.',
        didYouMean: ['1,000'],
      },
      { code: 'UNKNOWN_SUBJECT', path: ['input', 'brand', 'slug'], message: 'There is no such brand.', didYouMean: [] },
    ];
    expect(() => part.throwIfAny()).toThrow(expect.objectContaining({ constructor: BadInput, problems: expected }));
  });
});

describe('foldText', () => {
  it.each([
    ['Li Auto', 'liauto'],
    ['  Škoda–Enyaq ', 'skodaenyaq'],
    ['ＮＩＯ', 'nio'],
    ['问界 M9', '问界m9'],
  ])('folds %j to %j', (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });
});
