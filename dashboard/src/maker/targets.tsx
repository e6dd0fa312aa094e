import { whole } from '../format/number.ts';
import { nameOf } from '../i18n/language.ts';
import { BulletLegend } from '../parts/bullet.tsx';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { TargetLine } from '../parts/target-line.tsx';
import type { Aimed } from '../parts/target-query.ts';
import type { Aims, Linked } from './maker-query.ts';
import { text } from './messages.ts';

/** How many are shown without opening the others. */
const SHOWN = 6;

/** What the maker aims at and how far it is, the newest period first; also the targets of its company and of its brands, which are often set for all of them. */
export function Targets({ maker }: { readonly maker: Aims }) {
  const t = text.value;
  const all = [maker, ...relativesOf(maker)]
    .flatMap((of) => of.targets.nodes.map((target) => ({ of, target })))
    .sort((a, b) => newestFirst(a.target, b.target));
  const shown = all.slice(0, SHOWN);
  const earlier = all.slice(SHOWN);
  return (
    <section aria-labelledby="targets">
      <h2 id="targets">{t.targets}</h2>
      {all.length === 0 ? (
        <p class="quiet">{t.noTargets}</p>
      ) : (
        <>
          <BulletLegend />
          <Lines of={shown} maker={maker} />
          {earlier.length > 0 && (
            <details>
              <summary>{t.earlierTargets(whole(earlier.length))}</summary>
              <Lines of={earlier} maker={maker} />
            </details>
          )}
        </>
      )}
    </section>
  );
}

interface Line {
  readonly of: Linked;
  readonly target: Aimed;
}

function Lines({ of: lines, maker }: { readonly of: readonly Line[]; readonly maker: Linked }) {
  return (
    <ul class="targets">
      {lines.map(({ of, target }) => (
        <TargetLine key={target.id} of={target}>
          {of.id === maker.id ? nameOf(of) : <PageLink to={pathOf(of)}>{nameOf(of)}</PageLink>}
        </TargetLine>
      ))}
    </ul>
  );
}

type WithTargets = Linked & Pick<Aims, 'targets'>;

function relativesOf(maker: Aims): readonly WithTargets[] {
  switch (maker.__typename) {
    case 'Brand':
      return maker.parent === null ? [] : [maker.parent];
    case 'Company':
      return [...(maker.parent === null ? [] : [maker.parent]), ...maker.brands];
    default:
      return [];
  }
}

/** Those of which something is reported before the others, and the latest end first. */
function newestFirst(a: Aimed, b: Aimed): number {
  const isEmpty = (target: Aimed) => Number(target.progress.verdict === 'NO_DATA');
  return isEmpty(a) - isEmpty(b) || endOf(b).localeCompare(endOf(a));
}

/** By when it is to be reached, as text that sorts. */
function endOf({ period, deadline }: Aimed): string {
  return deadline ?? period?.split('/').at(-1) ?? '';
}
