import type { ContradictionSaid } from '../api/contradiction-said.ts';
import { shown, whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { inLanguage } from '../i18n/language.ts';

const EN = {
  says: (who: string, more: number, value: string, when: string) =>
    `${who}${more === 0 ? ' says' : ` and ${more} more say`} ${value}${when === '' ? '' : ` (${when})`}`,
  apart: (claims: readonly string[], gap: string) => `${claims.join('; ')}. They are ${gap} apart.`,
};

const ZH: typeof EN = {
  says: (who, more, value, when) =>
    `${who}${more === 0 ? ' ' : ` 等 ${more + 1} 家`}称${when === '' ? '' : `${when}为`} ${value}`,
  apart: (claims, gap) => `${claims.join('；')}。相差 ${gap}。`,
};

const text = inLanguage({ en: EN, zh: ZH });

/** Who says what, each value once, and how far that is apart. Periods are named where there are several; what was set aside comes last. */
export function contradictionInWords({ figures, setAside, gap }: ContradictionSaid): string {
  const t = text.value;
  const isOfOne = new Set(figures.map((claim) => claim.period)).size === 1;
  const aside = new Set(setAside.map(({ id }) => id));
  const ordered = [...figures].sort((a, b) => Number(aside.has(a.id)) - Number(aside.has(b.id)));
  const said = new Map<string, { readonly value: string; readonly when: string; readonly by: Set<string> }>();
  for (const claim of ordered) {
    const value = shown(claim);
    const when = isOfOne ? '' : period(claim.period);
    const one = said.get(`${value} ${when}`) ?? { value, when, by: new Set() };
    said.set(`${value} ${when}`, one);
    one.by.add(claim.source.publisher.name);
  }
  const claims = [...said.values()].map(({ value, when, by }) => {
    const [first = ''] = by;
    return t.says(first, by.size - 1, value, when);
  });
  return t.apart(claims, whole(gap));
}
