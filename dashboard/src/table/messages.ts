import { inLanguage } from '../i18n/language.ts';

const EN = {
  title: (year: string) => `${year}: what each maker reported, month by month`,
  note: 'Deliveries; where a maker states only sales, wholesale or retail sales, these, and they are named. A company or an alliance contains its brands. Each number opens its sources.',
  year: 'Year',
  kinds: 'Makers',
  allKinds: 'Brands, companies, alliances',
  kind: { BRAND: 'Brands', COMPANY: 'Companies', ALLIANCE: 'Alliances' },
  one: { COMPANY: 'company', ALLIANCE: 'alliance' } as Readonly<Record<string, string>>,
  find: 'Find a maker',
  copyCsv: 'Copy as CSV',
  saveCsv: 'Save as CSV',
  trend: '24 months',
  trendText: (from: string, to: string, known: number, least: string, most: string) =>
    `${from} to ${to}: ${known} of 24 months known, from ${least} to ${most}`,
  total: 'Year',
  toDate: (month: string) => `To ${month}`,
  change: 'vs year before',
  reported: 'Have reported',
  of: (some: number, all: number) => `${some} of ${all}`,
  coverage: (month: string, some: number, all: number, full: number) =>
    `${some} of ${all} makers have reported ${month}; ${full} of them every month of the year up to then.`,
  silent: (year: string) => `Nothing is known of ${year}`,
  nobody: (year: string) => `Nothing was recorded for ${year}.`,
  nobodyFound: (find: string) => `No maker is called “${find}”.`,
  notYet: 'not reported yet',
};

const ZH: typeof EN = {
  title: (year) => `${year}年：各家逐月公布的数字`,
  note: '交付量；厂商只公布销量、批发量或零售量时，采用该口径并注明。公司与联盟包含旗下品牌。点击数字可查看来源。',
  year: '年份',
  kinds: '厂商',
  allKinds: '品牌、公司与联盟',
  kind: { BRAND: '品牌', COMPANY: '公司', ALLIANCE: '联盟' },
  one: { COMPANY: '公司', ALLIANCE: '联盟' },
  find: '查找厂商',
  copyCsv: '复制为 CSV',
  saveCsv: '保存为 CSV',
  trend: '24 个月走势',
  trendText: (from, to, known, least, most) =>
    `${from}至${to}：24 个月中已知 ${known} 个月，介于 ${least} 与 ${most} 之间`,
  total: '全年',
  toDate: (month) => `截至${month}`,
  change: '同比',
  reported: '已公布家数',
  of: (some, all) => `${all} 家中 ${some} 家`,
  coverage: (month, some, all, full) =>
    `${all} 家中已有 ${some} 家公布${month}数字，其中 ${full} 家当年至今每月均有公布。`,
  silent: (year) => `${year}年无任何数字`,
  nobody: (year) => `${year}年没有任何记录。`,
  nobodyFound: (find) => `没有名为“${find}”的厂商。`,
  notYet: '尚未公布',
};

/** The texts of the table. */
export const text = inLanguage({ en: EN, zh: ZH });
