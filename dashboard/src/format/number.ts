import { language } from '../i18n/language.ts';

/** What is known of a number. */
export interface Known {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly qualifier: string | null;
}

const UNKNOWN = '–';
const MINUS = '−';
const SIGNS: Readonly<Record<string, string>> = { ABOUT: '~', OVER: '>', UNDER: '<' };

export function whole(value: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 2 }).format(value);
}

/** A long number in few characters: 1.2M, or 120万 in Chinese. */
export function short(value: number): string {
  return new Intl.NumberFormat(locale(), { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

/** A number as its sources state it, with a sign for what is not exact; – if nothing is known, never 0. */
export function shown({ value, lower, upper, qualifier }: Known): string {
  if (value !== null) return `${SIGNS[qualifier ?? ''] ?? ''}${whole(value)}`;
  if (lower !== null && upper !== null) return `${whole(lower)}–${whole(upper)}`;
  if (lower !== null) return `>${whole(lower)}`;
  return upper === null ? UNKNOWN : `<${whole(upper)}`;
}

/** A change in percent with its sign: 4.1 becomes +4.1%, and 5 becomes +5.0%, so that they stand in a column. */
export function percent(change: number | null | undefined): string {
  if (change == null) return UNKNOWN;
  const digits = Math.abs(change) < 100 ? 1 : 0;
  return signed(change, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A growth as it was announced: 40 becomes +40%. */
export function growth(change: number): string {
  return signed(change, { maximumFractionDigits: 1 });
}

/** With the sign for minus, which is as wide as that for plus. */
function signed(change: number, digits: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale(), { style: 'percent', signDisplay: 'exceptZero', ...digits })
    .format(change / 100)
    .replace('-', MINUS);
}

/** A part of a whole, from 0 to 1, in percent. */
export function shareOf(part: number | null): string {
  if (part === null) return UNKNOWN;
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).format(part);
}

function locale(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en';
}
