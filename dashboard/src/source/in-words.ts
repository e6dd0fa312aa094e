import { asOfDay } from '../api/as-of.ts';
import { shown } from '../format/number.ts';
import { day, period } from '../format/time.ts';
import { language, nameOf } from '../i18n/language.ts';
import { countOf } from '../i18n/metric-name.ts';
import type { Sourced } from './source-query.ts';

/** Why the value is what it is. The API says it in English; in Chinese it is told by what decided. */
export function explanationOf(of: Sourced): string {
  if (language.value !== 'zh') return of.explanation;
  const best = of.claims.find(({ id }) => id === of.best?.id);
  if (best === undefined)
    return of.claims.length === 0 ? '无人直接公布；由其他数字推算。' : '以其他时期和部分的数字为准。';
  const who = best.source.publisher.name;
  switch (of.decidedBy) {
    case 'ONLY':
      return of.claims.length === 1
        ? `仅 ${who} 公布了这个数字。`
        : `${of.claims.length} 处来源公布了这个数字，独立出处 ${of.origins} 个。`;
    case 'EDITOR':
      return `由编辑判定，采用 ${who} 的说法。`;
    case 'SUMS':
      return `${who} 的说法与其他时期及各部分相符，其余说法不符。`;
    case 'ORIGINS':
      return `${who} 的说法有更多独立出处（${of.origins} 个）。`;
    case 'TIER':
      return `${who} 更接近厂商，优先采用。`;
    case 'PRECISION':
      return `${who} 的说法更精确。`;
    case 'CLOSENESS':
      return `没有证据可以判定；${who} 的发布时间更接近期末。`;
    default:
      return '没有证据可以判定各说法的对错。';
  }
}

/** A sentence to cite. The API has it in English. */
export function citationOf(of: Sourced): string {
  if (language.value !== 'zh') return of.citation;
  const best = of.claims.find(({ id }) => id === of.best?.id)?.source;
  const what = `${nameOf(of.subject)}${period(of.period)}${countOf(shown(of), of.metric)}`;
  const published = best?.publishedOn == null ? '' : `，${day(best.publishedOn)}发布`;
  const from =
    best === undefined
      ? '由 Milepost 根据已公布的数字推算'
      : `据 ${best.publisher.name}：《${best.title}》${published}`;
  const then = asOfDay.value === null ? '' : `（截至${day(asOfDay.value)}所知）`;
  return `${what}，${from}${then}。`;
}
