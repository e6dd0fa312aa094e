import './targets.css';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { readAddress } from '../parts/address.ts';
import { BulletLegend } from '../parts/bullet.tsx';
import { text as bulletText } from '../parts/bullet-messages.ts';
import { Choice } from '../parts/choice.tsx';
import { Failure } from '../parts/failure.tsx';
import { Loading } from '../parts/loading.tsx';
import { Narrowed } from '../parts/narrowed.tsx';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { TargetLine } from '../parts/target-line.tsx';
import { useTitle } from '../parts/use-title.ts';
import { byYear, type Choices, chosenOf, standingsOf, VERDICTS, type Year } from './groups.ts';
import { text } from './messages.ts';
import { Standings } from './standings.tsx';
import { type ListedTarget, TARGETS, type TargetList } from './targets-query.ts';

/** Who will keep its word: all targets by their year and their verdict. */
export function TargetsPage() {
  const m = messages.value;
  const read = useLive(TARGETS, { asOf: asOf.value });
  useTitle(m.pageNames.targets);
  return (
    <>
      <h1>{m.pageNames.targets}</h1>
      <p class="quiet">{text.value.intro}</p>
      <Failure reads={[read]} />
      {read.data !== null && <Listed of={read.data.targets} />}
      {read.data === null && !read.failed && <Loading />}
    </>
  );
}

function Listed({ of: { nodes, totalCount } }: { readonly of: TargetList }) {
  const t = text.value;
  const choices = { maker: readAddress('maker'), kind: readAddress('kind'), verdict: readAddress('verdict') };
  const chosen = chosenOf(nodes, choices);
  if (nodes.length === 0) return <p>{asOf.value === null ? t.none : t.noneThen}</p>;
  return (
    <>
      <Standings of={standingsOf(nodes)} />
      <TargetChoices of={nodes} choices={choices} />
      <Narrowed
        count={t.count(chosen.length)}
        newest={nodes.length < totalCount ? t.newestOf(nodes.length, totalCount) : null}
        none={chosen.length === 0 ? t.noneChosen : null}
        choices={['maker', 'kind', 'verdict']}
      />
      <BulletLegend />
      {byYear(chosen).map((year) => (
        <OfYear key={year.year} of={year} />
      ))}
    </>
  );
}

function OfYear({ of: { year, verdicts } }: { readonly of: Year<ListedTarget> }) {
  const id = `year-${year}`;
  return (
    <section class="target-year" aria-labelledby={id}>
      <h2 id={id}>{year ?? text.value.noYear}</h2>
      {verdicts.map(({ verdict, targets }) => (
        <section key={verdict}>
          <h3>
            {bulletText.value.verdicts[verdict]} <span class="quiet">{targets.length}</span>
          </h3>
          <ul class="targets">
            {targets.map((target) => (
              <TargetLine key={target.id} of={target}>
                <PageLink to={pathOf(target.subject)}>{nameOf(target.subject)}</PageLink>
              </TargetLine>
            ))}
          </ul>
        </section>
      ))}
    </section>
  );
}

function TargetChoices({
  of,
  choices: { maker, kind, verdict },
}: {
  readonly of: TargetList['nodes'];
  readonly choices: Choices;
}) {
  const t = text.value;
  const subjects = new Map(of.map(({ subject }) => [subject.slug, nameOf(subject)]));
  const kinds = [...new Set(of.map((target) => target.kind))];
  const verdicts = VERDICTS.filter((one) => of.some(({ progress }) => progress.verdict === one));
  return (
    <div class="choices">
      <Choice name="maker" label={t.maker} unset={t.all} chosen={maker} options={[...subjects]} />
      <Choice
        name="verdict"
        label={t.verdict}
        unset={t.all}
        chosen={verdict}
        options={verdicts.map((one) => [one, bulletText.value.verdicts[one]])}
      />
      <Choice
        name="kind"
        label={t.kind}
        unset={t.all}
        chosen={kind}
        options={kinds.map((one) => [one, t.kinds[one] ?? one])}
      />
    </div>
  );
}
