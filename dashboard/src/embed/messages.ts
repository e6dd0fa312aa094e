import { inLanguage } from '../i18n/language.ts';

const EN = { open: 'Open in Milepost' };
const ZH: typeof EN = { open: '在 Milepost 中打开' };

export const text = inLanguage({ en: EN, zh: ZH });
