import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { readAddress, writeAddress } from '../parts/address.ts';
import { keep, readKept } from '../parts/kept.ts';
import { EN } from './messages-en.ts';
import { ZH } from './messages-zh.ts';

const KEPT = 'milepost.language';
const IN_ADDRESS = 'lang';

export type Language = 'en' | 'zh';

/** The address decides, then what the reader chose before, then the browser. */
export const language = signal<Language>(
  read(readAddress(IN_ADDRESS)) ?? read(readKept(KEPT)) ?? read(navigator.language) ?? 'en',
);
export const messages = inLanguage({ en: EN, zh: ZH });

/** Texts in the language of the reader. */
export function inLanguage<Texts>({ en, zh }: Readonly<Record<Language, Texts>>): ReadonlySignal<Texts> {
  return computed(() => (language.value === 'zh' ? zh : en));
}

export function chooseLanguage(chosen: Language): void {
  keep(KEPT, chosen);
  // An address that says another one would win at the next reload.
  if (readAddress(IN_ADDRESS) !== null) writeAddress({ [IN_ADDRESS]: chosen });
  language.value = chosen;
}

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
});

function read(text: string | null): Language | null {
  if (text?.startsWith('zh')) return 'zh';
  return text?.startsWith('en') ? 'en' : null;
}

/** The name of a subject in the reader's language. */
export function nameOf({ name, nameZh }: { readonly name: string; readonly nameZh: string | null }): string {
  return language.value === 'zh' ? (nameZh ?? name) : name;
}
