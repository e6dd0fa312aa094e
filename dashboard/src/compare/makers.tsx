import { useLive } from '../api/use-live.ts';
import { nameOf } from '../i18n/language.ts';
import { writeAddress } from '../parts/address.ts';
import { writeMakers } from './choice.ts';
import { LineSample } from './line-sample.tsx';
import { MakerSearch } from './maker-search.tsx';
import { text } from './messages.ts';
import { MAKERS, type Maker } from './series-query.ts';

/** The makers of slugs. `unknown` are slugs that nobody has. */
export interface Picked {
  readonly known: readonly Maker[];
  readonly unknown: readonly string[];
  readonly isRead: boolean;
}

/** Who is meant by slugs. Until it is known, all are taken for known. */
export function usePicked(slugs: readonly string[]): Picked {
  const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = slugs;
  const { data } = useLive(MAKERS, { a, b, c, d, e, f, g, h });
  if (data === null) return { known: [], unknown: [], isRead: false };
  const makers = [data.a, data.b, data.c, data.d, data.e, data.f, data.g, data.h];
  return {
    known: slugs.flatMap((_slug, index) => makers[index] ?? []),
    unknown: slugs.filter((_slug, index) => makers[index] == null),
    isRead: true,
  };
}

/** Who is compared, to take out, and a search to add others. */
export function Makers({ slugs, picked }: { readonly slugs: readonly string[]; readonly picked: Picked }) {
  const m = text.value;
  const { known, unknown } = picked;
  const write = (makers: readonly string[]): void => writeAddress({ makers: writeMakers(makers) });
  return (
    <section class="makers" aria-label={m.makers}>
      <ul>
        {known.map((maker, index) => (
          <li key={maker.id}>
            <LineSample index={index} />
            {nameOf(maker)}
            <button
              type="button"
              aria-label={m.remove(nameOf(maker))}
              onClick={() => write(slugs.filter((slug) => slug !== maker.slug))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <MakerSearch chosen={slugs} onChoose={(slug) => write([...known.map((maker) => maker.slug), slug])} />
      {unknown.length > 0 && <p role="alert">{m.unknown(unknown.join(', '))}</p>}
    </section>
  );
}
