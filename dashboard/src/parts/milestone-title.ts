import { whole } from '../format/number.ts';
import { language } from '../i18n/language.ts';
import { countOf } from '../i18n/metric-name.ts';

interface Titled {
  readonly kind: string;
  readonly metric: string | null;
  readonly threshold: number | null;
  readonly title: string;
}

/** What was reached. Titles are recorded in English; a number and a first delivery can be told in Chinese as well. */
export function milestoneTitle({ kind, metric, threshold, title }: Titled): string {
  if (language.value !== 'zh') return title;
  if (kind === 'FIRST_DELIVERY') return '首次交付';
  return kind === 'UNITS' && metric !== null && threshold !== null ? `累计${countOf(whole(threshold), metric)}` : title;
}
