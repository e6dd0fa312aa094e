import { language } from '../i18n/language.ts';

const MONTH = /^(\d{4})-(\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TO_DATE = /^\.\.\/(.+)$/;

/** A period of the API in words: 2026-07 becomes July 2026, or 2026年7月. Quarters, weeks and spans stay as they are. */
export function period(text: string): string {
  const month = MONTH.exec(text);
  if (month !== null) return format(`${text}-01`, { year: 'numeric', month: 'long' });
  const end = TO_DATE.exec(text)?.[1];
  if (end !== undefined) return language.value === 'zh' ? `截至${day(end)}` : `to ${day(end)}`;
  return text;
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

function locale(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en';
}
