import './about.css';
import type { ComponentChildren } from 'preact';
import { messages } from '../i18n/language.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { PageLink } from '../parts/page-link.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { useTitle } from '../parts/use-title.ts';
import { PublisherTable } from './publisher-table.tsx';
import { text } from './text.ts';
import type { AboutText } from './text-en.ts';

const SECTIONS = [
  'counted',
  'marks',
  'worked',
  'disagree',
  'known',
  'milestones',
  'sources',
  'licence',
  'api',
] as const;
const BADGE = '/badge/nio.svg';

/** What counts as what: metrics, marks, estimates, sources, licence, and how to cite. */
export function AboutPage() {
  const m = messages.value;
  const t = text.value;
  useTitle(m.pageNames.about);
  return (
    <div class="about">
      <div class="lead">
        <h1>{m.pageNames.about}</h1>
        <p>{t.intro}</p>
      </div>
      <nav aria-label={t.contents}>
        <ol>
          {SECTIONS.map((name) => (
            <li key={name}>
              <a href={`#${name}`}>{t[name].title}</a>
            </li>
          ))}
        </ol>
      </nav>
      <div class="prose">
        <Part name="counted">
          <Pairs head={[t.counted.metric, t.counted.meaning]} rows={metricRows(t)} />
        </Part>
        <Part name="marks">
          <Pairs head={[t.marks.sign, t.counted.meaning]} rows={t.marks.signs} />
        </Part>
        <Part name="worked" />
        <Part name="disagree">
          <PageLink to="/contradictions">{t.disagree.link}</PageLink>
        </Part>
        <Part name="known" />
        <Part name="milestones">
          <PageLink to="/targets">{t.milestones.link}</PageLink>
        </Part>
        <Part name="sources">
          <ol>
            {t.sources.tiers.map((tier) => (
              <li key={tier}>{tier}</li>
            ))}
          </ol>
          <PublisherTable />
        </Part>
        <Part name="licence" />
        <Part name="api">
          <Ways />
        </Part>
      </div>
    </div>
  );
}

function Part({ name, children }: { readonly name: (typeof SECTIONS)[number]; readonly children?: ComponentChildren }) {
  const { title, paragraphs } = text.value[name];
  return (
    <section aria-labelledby={name}>
      <h2 id={name}>{title}</h2>
      {paragraphs.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      {children}
    </section>
  );
}

/** The ways to the data. */
function Ways() {
  const { api } = text.value;
  const badge = `<img src="${new URL(BADGE, location.href)}" alt="NIO">`;
  return (
    <>
      <ul>
        <li>
          <a href="/graphql">{api.graphiql}</a>
        </li>
        <li>
          <PageLink to="/compare">{api.compare}</PageLink>
        </li>
        <li>
          {api.badge} <a href={BADGE}>{BADGE}</a>
          <br />
          <code>{badge}</code> <CopyButton text={badge} />
        </li>
      </ul>
      <p>{api.rules}</p>
    </>
  );
}

function Pairs({ head, rows }: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }) {
  return (
    <table>
      <TableHead columns={head} />
      <tbody>
        {rows.map(([name, meaning]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function metricRows({ counted }: AboutText): readonly (readonly string[])[] {
  return Object.entries(counted.metrics).map(([metric, meaning]) => [
    messages.value.metrics[metric] ?? metric,
    meaning,
  ]);
}
