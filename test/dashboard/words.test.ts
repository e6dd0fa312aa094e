import { afterEach, expect, test, vi } from 'vitest';
import { monthsBefore } from '../../dashboard/src/format/months-before.ts';
import { stubBrowser } from '../support/browser-globals.ts';

type Lang = 'en' | 'zh';

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ['2026-07', 'July 2026', '2026年7月'],
  ['2026-Q2', 'Q2 2026', '2026年第二季度'],
  ['2025-H1', 'H1 2025', '2025年上半年'],
  ['2026-W05', 'week 5 of 2026', '2026年第5周'],
  ['2025', '2025', '2025年'],
  ['../2026-07-31', 'to Jul 31, 2026', '截至2026年7月31日'],
  ['2026-01-13/2028-01-13', 'Jan 13, 2026 – Jan 13, 2028', '2026年1月13日至2028年1月13日'],
  ['2025-01/2025-09', 'Jan 2025 – Sep 2025', '2025年1月至2025年9月'],
])('the period %s is told in words', async (text, english, chinese) => {
  const en = await inLanguage('en', () => import('../../dashboard/src/format/time.ts'));
  expect(en.period(text)).toBe(english);
  const zh = await inLanguage('zh', () => import('../../dashboard/src/format/time.ts'));
  expect(zh.period(text)).toBe(chinese);
});

test('changes stand in a column: one digit after the point, and a minus as wide as a plus', async () => {
  const { percent, growth } = await inLanguage('en', () => import('../../dashboard/src/format/number.ts'));
  expect([5, -11, 3.94, 0, 102.4, null].map(percent)).toEqual(['+5.0%', '−11.0%', '+3.9%', '0.0%', '+102%', '–']);
  expect([40, -5, 12.5].map(growth)).toEqual(['+40%', '−5%', '+12.5%']);
});

test('a claim of only a change is told as one', async () => {
  const change = {
    __typename: 'FigureChange' as const,
    ...{ cursor: 'c', at: '2026-08-01T00:00:00Z', action: 'RECORDED' as const, before: null, observation: null },
    subject: { id: 's', slug: 'nio', name: 'NIO', nameZh: '蔚来' },
    figure: {
      ...{ id: 'f', metric: 'DELIVERIES' as const, period: '2026-07', value: null, lower: null, upper: null },
      ...{ qualifier: 'ABOUT' as const, statedChangePercent: -5, reason: null },
      source: { id: 'o', publisher: { id: 'p', name: 'CnEVPost' } },
    },
  };
  const en = await inLanguage('en', () => import('../../dashboard/src/parts/sentence.ts'));
  expect(en.sentenceOf(change)).toBe('NIO July 2026 deliveries: −5% on the year before, says CnEVPost');
  const zh = await inLanguage('zh', () => import('../../dashboard/src/parts/sentence.ts'));
  expect(zh.sentenceOf(change)).toContain('同比 −5%');
});

test('a milestone is told in Chinese where its kind and its number say what it is', async () => {
  const { milestoneTitle } = await inLanguage('zh', () => import('../../dashboard/src/parts/milestone-title.ts'));
  const title = 'AITO passes 1,000,000 vehicles produced';
  const unmetered = { metric: null, threshold: null };
  expect(milestoneTitle({ kind: 'UNITS', metric: 'PRODUCTION', threshold: 1_000_000, title })).toBe(
    '累计产量 1,000,000 辆',
  );
  expect(milestoneTitle({ kind: 'FIRST_DELIVERY', ...unmetered, title: 'NIO delivers' })).toBe('首次交付');
  expect(milestoneTitle({ kind: 'OTHER', ...unmetered, title: 'Agrees on standards' })).toBe('Agrees on standards');
});

test('a contradiction is told by who says what, in both languages, with periods in words', async () => {
  const of = {
    id: 'c',
    gap: 4,
    setAside: [{ id: 'b' }],
    figures: [claim('a', '../2020-04-30', 38_906, 'ChinaPEV'), claim('b', '2020-06', 3_740, 'Gasgoo')],
  };
  const same = {
    ...of,
    setAside: [{ id: 'a' }],
    figures: [
      claim('a', '2026-01', 28_364, 'One'),
      claim('b', '2026-01', 32_059, 'Two'),
      claim('c', '2026-01', 32_059, 'Three'),
    ],
  };
  const en = await inLanguage('en', () => import('../../dashboard/src/parts/contradiction-in-words.ts'));
  expect(en.contradictionInWords(of)).toBe(
    'ChinaPEV says 38,906 (to Apr 30, 2020); Gasgoo says 3,740 (June 2020). They are 4 apart.',
  );
  expect(en.contradictionInWords(same)).toBe('Two and 1 more say 32,059; One says 28,364. They are 4 apart.');
  const zh = await inLanguage('zh', () => import('../../dashboard/src/parts/contradiction-in-words.ts'));
  expect(zh.contradictionInWords(of)).toBe(
    'ChinaPEV 称截至2020年4月30日为 38,906；Gasgoo 称2020年6月为 3,740。相差 4。',
  );
  expect(zh.contradictionInWords(same)).toBe('Two 等 2 家称 32,059；One 称 28,364。相差 4。');
});

test('sixty months can be chosen before the newest one, also over turns of the year', () => {
  const months = monthsBefore('2026-02');
  expect(months.slice(0, 3)).toEqual(['2026-01', '2025-12', '2025-11']);
  expect(months).toHaveLength(60);
  expect(months.at(-1)).toBe('2021-02');
});

function claim(id: string, period: string, value: number, name: string) {
  const publisher = { id: name, name };
  return {
    id,
    period,
    value,
    lower: value,
    upper: value,
    qualifier: 'EXACT' as const,
    source: { id: name, publisher },
  };
}

/** A module of the page as a reader of that language has it. */
async function inLanguage<Module>(lang: Lang, load: () => Promise<Module>): Promise<Module> {
  vi.resetModules();
  stubBrowser(`http://localhost/?lang=${lang}`);
  return load();
}
