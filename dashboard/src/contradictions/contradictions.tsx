import './contradictions.css';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { readAddress } from '../parts/address.ts';
import { Choice } from '../parts/choice.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { Narrowed } from '../parts/narrowed.tsx';
import { useTitle } from '../parts/use-title.ts';
import { chosenOf, makersOf } from './choices.ts';
import { ContradictionCard } from './contradiction-card.tsx';
import { CONTRADICTIONS, type ContradictionList } from './contradictions-query.ts';
import { text } from './messages.ts';
import { Resolved } from './resolved.tsx';

/** The numbers that cannot all be true, each with a diagram. */
export function ContradictionsPage() {
  const t = text.value;
  const m = messages.value;
  const then = asOf.value;
  const read = useLive(CONTRADICTIONS, { asOf: then });
  useTitle(m.pageNames.contradictions);
  return (
    <>
      <h1>{m.pageNames.contradictions}</h1>
      <p class="quiet">
        {t.intro} {then !== null && t.asOfThen}
      </p>
      <Failure reads={[read]} />
      {read.data !== null && <Listed of={read.data.contradictions} />}
      {read.data === null && !read.failed && <Loading />}
      {then === null && read.data !== null && (
        <Resolved open={new Set(read.data.contradictions.nodes.map(({ id }) => id))} />
      )}
    </>
  );
}

function Listed({ of: { nodes, totalCount } }: { readonly of: ContradictionList }) {
  const t = text.value;
  const choices = { maker: readAddress('maker'), kind: readAddress('kind'), order: readAddress('order') };
  const chosen = chosenOf(nodes, choices);
  if (nodes.length === 0) return <p>{asOf.value === null ? t.none : t.noneThen}</p>;
  return (
    <>
      <Choices of={nodes} choices={choices} />
      <Narrowed
        count={t.count(chosen.length)}
        newest={nodes.length < totalCount ? t.newestOf(nodes.length, totalCount) : null}
        none={chosen.length === 0 ? t.noneChosen : null}
        choices={['maker', 'kind']}
      />
      <div class="contradictions">
        {chosen.map((one) => (
          <ContradictionCard key={one.id} of={one} />
        ))}
      </div>
    </>
  );
}

interface ChoicesProps {
  readonly of: ContradictionList['nodes'];
  readonly choices: { readonly maker: string | null; readonly kind: string | null; readonly order: string | null };
}

function Choices({ of, choices: { maker, kind, order } }: ChoicesProps) {
  const t = text.value;
  const kinds = [...new Set(of.map((one) => one.kind))].map((one) => [one, t.kinds[one] ?? one] as const);
  return (
    <div class="choices">
      <Choice
        name="maker"
        label={t.maker}
        unset={t.all}
        chosen={maker}
        options={makersOf(of).map((subject) => [subject.slug, nameOf(subject)])}
      />
      <Choice name="kind" label={t.kind} unset={t.all} chosen={kind} options={kinds} />
      <Choice name="order" label={t.order} unset={t.orders.found} chosen={order} options={[['gap', t.orders.gap]]} />
    </div>
  );
}
