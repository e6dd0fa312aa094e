import { LRUCache } from 'lru-cache';
import { foldText } from './text.ts';

const HAN = /\p{Script=Han}/u;
/** More names than the subjects of one database have. A name is read in some 15 µs. */
const MOST_NAMES = 20_000;

const known = new LRUCache<string, string>({ max: MOST_NAMES });

/** How a text is read. */
export type Reading = (text: string) => string;

/** Loads what reads Chinese characters as pinyin without tones, in the form for comparison: 小鹏X9 is xiaopengx9. Empty for a text that has none. */
export async function loadPinyin(): Promise<Reading> {
  // Only when it is used: loading the dictionary takes some 100 ms.
  const { pinyin } = await import('pinyin-pro');
  return (text) => {
    if (!HAN.test(text)) return '';
    const before = known.get(text);
    if (before !== undefined) return before;
    // Keyboards have no ü, so pinyin is typed with v.
    const spoken = foldText(pinyin(text, { toneType: 'none', type: 'array', v: true }).join(''));
    known.set(text, spoken);
    return spoken;
  };
}
