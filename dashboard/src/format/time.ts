import { language } from '../i18n/language.ts';

const MONTH = /^\d{4}-\d{2}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const YEAR = /^\d{4}$/;
const PART = /^(\d{4})-([QHW])(\d{1,2})$/;
const TO_DATE = /^\.\.\/(.+)$/;
const QUARTERS = ['', '一', '二', '三', '四'];
const HALVES = ['', '上', '下'];

/** A period of the API in words: 2026-07 becomes July 2026, or 2026年7月; 2026-Q2 becomes Q2 2026, or 2026年第二季度. */
export function period(text: string): string {
  const end = TO_DATE.exec(text)?.[1];
  if (end !== undefined) return isChinese() ? `截至${ofOne(end, 'short')}` : `to ${ofOne(end, 'short')}`;
  const [first = '', last] = text.split('/');
  if (last === undefined) return ofOne(first, 'long');
  return isChinese()
    ? `${ofOne(first, 'long')}至${ofOne(last, 'long')}`
    : `${ofOne(first, 'short')} – ${ofOne(last, 'short')}`;
}

/** A month, a quarter, a half, a week, a year or a day. */
function ofOne(text: string, month: 'long' | 'short'): string {
  if (DAY.test(text)) return day(text);
  if (MONTH.test(text)) return format(`${text}-01`, { year: 'numeric', month });
  if (YEAR.test(text)) return isChinese() ? `${text}年` : text;
  const [, year, kind, number] = PART.exec(text) ?? [];
  if (kind === undefined) return text;
  if (!isChinese()) return kind === 'W' ? `week ${Number(number)} of ${year}` : `${kind}${number} ${year}`;
  if (kind === 'W') return `${year}年第${Number(number)}周`;
  return kind === 'Q' ? `${year}年第${QUARTERS[Number(number)]}季度` : `${year}年${HALVES[Number(number)]}半年`;
}

/** The name of a month of the API without its year: 2026-07 becomes Jul, or 7月. */
export function monthName(month: string): string {
  return format(`${month}-01`, { month: 'short' });
}

/** A day, a month or a year of the API in words. */
export function day(text: string): string {
  if (DAY.test(text)) return format(text, { year: 'numeric', month: 'short', day: 'numeric' });
  return MONTH.test(text) ? period(text) : text;
}

/** A time of the API, or one of this machine, as the reader's clock shows it. */
export function clock(at: string | Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
}

function format(text: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(), { ...options, timeZone: 'UTC' }).format(new Date(text));
}

function isChinese(): boolean {
  return language.value === 'zh';
}

function locale(): string {
  return isChinese() ? 'zh-CN' : 'en';
}
