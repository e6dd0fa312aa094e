import { language } from '../i18n/language.ts';

/** About so many pixels a label of a time axis needs. */
const LABEL = 72;
const DAYS = 86_400_000;
const MONTHS_IN_A_YEAR = 12;
/** After so many months a label can stand. */
const STEPS = [1, 2, 3, 6] as const;

/** A line of time with labels in the reader's language: years, or months if it is short. */
export function timeAxis(from: Date, to: Date, width: number) {
  const years = (to.getTime() - from.getTime()) / DAYS / 365;
  const labels = Math.max(2, Math.floor(width / LABEL));
  const options = years > 3 ? ({ year: 'numeric' } as const) : ({ year: '2-digit', month: 'short' } as const);
  const format = new Intl.DateTimeFormat(language.value === 'zh' ? 'zh-CN' : 'en', { ...options, timeZone: 'UTC' });
  return {
    type: 'utc' as const,
    domain: [from, to],
    label: null,
    ticks: years > 3 ? (`${Math.max(1, Math.ceil(years / labels))} years` as const) : monthly(years, labels),
    tickFormat: (date: Date) => format.format(date),
  };
}

function monthly(years: number, labels: number) {
  const step = STEPS.find((months) => (years * MONTHS_IN_A_YEAR) / months <= labels);
  return `${step ?? MONTHS_IN_A_YEAR} months` as const;
}
