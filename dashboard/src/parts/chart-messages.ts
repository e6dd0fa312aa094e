import { inLanguage } from '../i18n/language.ts';

const EN = {
  downloads: (title: string) => `Download: ${title}`,
  SVG: 'SVG picture to scale',
  PNG: 'PNG picture',
  CSV: 'CSV data',
  failed: 'This could not be made.',
  and: (names: readonly string[], more: number) => `${names.join(', ')}${more === 0 ? '' : ` and ${more} more`}`,
  source: (publishers: string | null, day: string) =>
    publishers === null ? `Source: Milepost, ${day}` : `Source: ${publishers}; by Milepost, ${day}`,
  sourceColumn: 'Source',
  embed: 'Embed',
};

const ZH: typeof EN = {
  downloads: (title) => `下载：${title}`,
  SVG: 'SVG 矢量图',
  PNG: 'PNG 图片',
  CSV: 'CSV 数据',
  failed: '无法生成。',
  and: (names, more) => `${names.join('、')}${more === 0 ? '' : `等 ${names.length + more} 家`}`,
  source: (publishers, day) =>
    publishers === null ? `来源：Milepost，${day}` : `来源：${publishers}；由 Milepost 整理，${day}`,
  sourceColumn: '来源',
  embed: '嵌入',
};

export const text = inLanguage({ en: EN, zh: ZH });
