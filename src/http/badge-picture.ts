import { METRIC_WORDS, NO_SUBJECT, NOTHING_KNOWN } from './badge-words.ts';

const HEIGHT = 20;
const PADDING = 6;
/** White text has a contrast of at least 6 : 1 with both. */
const COLOURS = { name: '#17202a', number: '#0b5cad' };
const FONT = "Verdana,Geneva,'DejaVu Sans','Noto Sans SC','PingFang SC',sans-serif";
/** Widths of characters at 11 px, in px. The text is fitted to them, whatever font is there. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[\u2e80-\uffff]/, 11],
  [/[MWmw%]/, 10],
  [/[A-Z&<>~=+]/, 7.6],
  [/[ijlIft.,:;'|!()[\] -]/, 4],
  [/\d/, 7],
];
const OTHER_WIDTH = 6.5;
/** Above it a number is shortened: 14,432,000,000 becomes 14.4B. */
const LONG = 10_000_000;
const MONTH = /^\d{4}-\d{2}$/;
const SIGNS: Readonly<Record<string, string>> = { ABOUT: '~', OVER: '>', UNDER: '<' };
const UNKNOWN = '–';

/** A subject with its newest number, as the API answers. */
export interface Newest {
  readonly name: string;
  readonly nameZh: string | null;
  readonly latest: {
    readonly metric: string;
    readonly period: string;
    readonly value: number | null;
    readonly lower: number | null;
    readonly upper: number | null;
    readonly qualifier: string | null;
  } | null;
}

/** A badge with the newest number of a subject: "NIO | 38,027 deliveries, Jul 2026". Without one it says –, never 0. */
export function badgeOf({ name, nameZh, latest }: Newest, isChinese: boolean): Buffer {
  const label = isChinese ? (nameZh ?? name) : name;
  if (latest === null) return draw(label, UNKNOWN, isChinese ? NOTHING_KNOWN.zh : NOTHING_KNOWN.en);
  const number = shown(latest, isChinese);
  const words = METRIC_WORDS[latest.metric];
  const when = periodIn(latest.period, isChinese);
  return draw(label, isChinese ? `${when}${words?.zh ?? ''} ${number}` : `${number} ${words?.en ?? ''}, ${when}`);
}

/** A badge that says that there is no such subject. */
export function noBadge(isChinese: boolean): Buffer {
  return draw('Milepost', isChinese ? NO_SUBJECT.zh : NO_SUBJECT.en);
}

function shown({ value, lower, upper, qualifier }: NonNullable<Newest['latest']>, isChinese: boolean): string {
  const write = (number: number): string =>
    new Intl.NumberFormat(
      isChinese ? 'zh-CN' : 'en',
      number < LONG ? { maximumFractionDigits: 2 } : { notation: 'compact', maximumSignificantDigits: 3 },
    ).format(number);
  if (value !== null) return `${SIGNS[qualifier ?? ''] ?? ''}${write(value)}`;
  if (lower !== null && upper !== null) return `${write(lower)}–${write(upper)}`;
  if (lower !== null) return `>${write(lower)}`;
  return upper === null ? UNKNOWN : `<${write(upper)}`;
}

function periodIn(period: string, isChinese: boolean): string {
  if (!MONTH.test(period)) return period;
  return new Intl.DateTimeFormat(isChinese ? 'zh-CN' : 'en', {
    year: 'numeric',
    month: isChinese ? 'long' : 'short',
    timeZone: 'UTC',
  }).format(new Date(`${period}-01`));
}

/** `spoken`: the number for screen readers, if a sign stands for it. */
function draw(name: string, number: string, spoken = number): Buffer {
  const left = widthOf(name);
  const right = widthOf(number);
  const edge = left + 2 * PADDING;
  const width = edge + right + 2 * PADDING;
  const title = escapeXml(`${name}: ${spoken}`);
  const text = (words: string, at: number, length: number): string =>
    `<text x="${at}" y="14" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escapeXml(words)}</text>`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}">` +
      `<title>${title}</title>` +
      `<clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="3"/></clipPath>` +
      `<g clip-path="url(#r)"><path fill="${COLOURS.name}" d="M0 0h${edge}v${HEIGHT}H0z"/>` +
      `<path fill="${COLOURS.number}" d="M${edge} 0h${width - edge}v${HEIGHT}H${edge}z"/></g>` +
      `<g fill="#fff" font-family="${FONT}" font-size="11">` +
      `${text(name, PADDING, left)}${text(number, edge + PADDING, right)}</g></svg>`,
  );
}

function widthOf(text: string): number {
  const widths = [...text].map((character) => WIDTHS.find(([which]) => which.test(character))?.[1] ?? OTHER_WIDTH);
  return Math.ceil(widths.reduce((sum, width) => sum + width, 0));
}

/** As it may stand in XML. Control characters may not, in any form. */
function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
