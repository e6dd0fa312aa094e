import { inLanguage } from '../i18n/language.ts';

const EN = {
  announced: 'Announced, or worked out of what was',
  asMembers: 'Sum of the members, while they were members',
  atLeast: (number: string) => `at least ${number}`,
  bases: 'Both ways to count',
  basesNote:
    'An alliance tells its total. The sum of its members counts a brand from the month in which it joined; the press often counts the whole history of the members of today. Where a member has not reported, a sum is only a lower bound.',
  brand: 'Brand',
  coverage: (known: string, count: string) => `${known} of ${count} members known`,
  coverageNote: (months: string, withParts: string, most: string, count: string) =>
    `Of ${months} months, at least one member is known in ${withParts}; in the best of them ${most} of ${count}.`,
  fullHistory: 'Sum of the members of today, with their whole history',
  joined: 'Member since',
  known: 'Members known',
  maker: 'Made by',
  members: 'Members',
  missing: 'Not known of all members',
  nobody: 'No member has reported this period.',
  newest: 'Newest month',
  newestOfMembers: 'Members and their newest month',
  period: 'Period',
  rest: 'members that are not known',
  source: 'Source',
  stack: 'What its members add up to',
  start: 'from the start',
  total: 'Total',
  unknownRest: (number: string) => `${number} of the total is of members that are not known.`,
};

const ZH: typeof EN = {
  announced: '联盟公布（或由公布的数字推得）',
  asMembers: '成员合计（仅计入盟期间）',
  atLeast: (number) => `至少 ${number}`,
  bases: '两种统计口径',
  basesNote:
    '联盟公布总数。按成员合计时，品牌自加入当月起计入；媒体则常把现有成员的全部历史计入。若有成员未公布，合计仅为下限。',
  brand: '品牌',
  coverage: (known, count) => `${count} 家成员中已知 ${known} 家`,
  coverageNote: (months, withParts, most, count) =>
    `共 ${months} 个月，其中 ${withParts} 个月至少已知一家成员；最多时 ${count} 家中已知 ${most} 家。`,
  fullHistory: '现有成员合计（计入全部历史）',
  joined: '加入时间',
  known: '已知成员',
  maker: '制造商',
  members: '成员',
  missing: '成员数据不全的时期',
  nobody: '没有成员公布此期数据。',
  newest: '最新月份',
  newestOfMembers: '成员及其最新月份',
  period: '时期',
  rest: '未知成员',
  source: '来源',
  stack: '成员合计',
  start: '自始',
  total: '总计',
  unknownRest: (number) => `总数中有 ${number} 属于未知成员。`,
};

export const text = inLanguage({ en: EN, zh: ZH });
