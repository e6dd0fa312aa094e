import { inLanguage } from '../i18n/language.ts';
import { EN } from './text-en.ts';
import { ZH } from './text-zh.ts';

export const text = inLanguage({ en: EN, zh: ZH });
