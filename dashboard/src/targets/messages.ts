import { inLanguage } from '../i18n/language.ts';

const EN = {
  all: 'all',
  count: (count: number) => (count === 1 ? '1 target' : `${count} targets`),
  intro:
    'What makers aim at, what they tell investors to expect, and what others expect of them, measured by what is known.',
  kind: 'Kind',
  kinds: { TARGET: 'the maker aims at it', GUIDANCE: 'told to investors', FORECAST: 'expected by others' } as Readonly<
    Record<string, string>
  >,
  maker: 'Maker',
  met: 'Reached',
  missed: 'Missed',
  newestOf: (shown: number, all: number) => `The newest ${shown} of ${all} are shown.`,
  none: 'No target is recorded.',
  noneChosen: 'No target is like this.',
  noneThen: 'No target was known then.',
  noYear: 'Without a year',
  open: 'Not known',
  openNote: 'Not known: what is reported does not decide it, or nothing is reported.',
  revised: 'Revised',
  running: 'Running',
  standings: 'Who keeps its word',
  verdict: 'Verdict',
};

const ZH: typeof EN = {
  all: '全部',
  count: (count) => `${count} 个目标`,
  intro: '车企自定的目标、给投资者的指引，以及外界的预期，用已知数字衡量。',
  kind: '类型',
  kinds: { TARGET: '车企目标', GUIDANCE: '业绩指引', FORECAST: '外界预期' },
  maker: '厂商',
  met: '达成',
  missed: '未达成',
  newestOf: (shown, all) => `共 ${all} 个，显示最新 ${shown} 个。`,
  none: '没有记录任何目标。',
  noneChosen: '没有符合所选条件的目标。',
  noneThen: '当时没有已知的目标。',
  noYear: '无年份',
  open: '未知',
  openNote: '未知：已公布的数字不足以判断，或尚无数字。',
  revised: '修订过',
  running: '进行中',
  standings: '谁说到做到',
  verdict: '结论',
};

export const text = inLanguage({ en: EN, zh: ZH });
