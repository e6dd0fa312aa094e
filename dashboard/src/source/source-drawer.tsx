import './source.css';
import { stringifyDocument } from '@urql/core';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { shown, whole } from '../format/number.ts';
import { clock, day, period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import { Boundary } from '../parts/broken.tsx';
import { contradictionInWords } from '../parts/contradiction-in-words.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { GraphiqlLink } from '../parts/graphiql-link.tsx';
import { citationOf, explanationOf } from './in-words.ts';
import { closeSource, opened } from './open-source.ts';
import { type Claim, type Place, SOURCE, type Sourced } from './source-query.ts';

/** Where the chosen number comes from, over the page. */
export function SourceDrawer() {
  const place = opened.value;
  if (place === null) return null;
  const key = JSON.stringify(place);
  return (
    <Boundary of={key}>
      <Drawer key={key} place={place} />
    </Boundary>
  );
}

function Drawer({ place }: { readonly place: Place }) {
  const m = messages.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const { data, failed } = useLive(SOURCE, { ...place, asOf: asOf.value });
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const known = data?.observation ?? null;
  return (
    <dialog ref={dialog} class="drawer" aria-labelledby="source" onClose={closeSource}>
      <form method="dialog">
        <button type="submit" class="close">
          {m.close}
        </button>
      </form>
      {known !== null ? <Contents of={known} /> : <p id="source">{missingOf(data === null, failed)}</p>}
      <p class="query">
        {m.query} <CopyButton text={queryOf(place)} />{' '}
        <GraphiqlLink query={SOURCE} variables={{ ...place, asOf: asOf.value }} />
      </p>
    </dialog>
  );
}

function Contents({ of }: { readonly of: Sourced }) {
  const m = messages.value;
  return (
    <>
      <h2 id="source">
        {nameOf(of.subject)} · {period(of.period)} · {metricName(of.metric)}
      </h2>
      <p class="big">{shown(of)}</p>
      {of.lower !== of.upper && of.lower !== null && of.upper !== null && (
        <p class="quiet">{m.bounds(whole(of.lower), whole(of.upper))}</p>
      )}
      <p>{explanationOf(of)}</p>
      {of.notes.map((note) => (
        <p key={note} class="quiet" lang="en">
          {note}
        </p>
      ))}
      <Part name={m.claims}>
        <ul class="claims">
          {of.claims.map((claim) => (
            <ClaimLine key={claim.id} claim={claim} isBest={claim.id === of.best?.id} />
          ))}
        </ul>
      </Part>
      {of.contradictions.map((contradiction) => (
        <Part key={contradiction.id} name={m.contradiction}>
          <p>{contradictionInWords(contradiction)}</p>
          <table>
            <tbody>
              {contradiction.figures.map((figure) => (
                <tr key={figure.id}>
                  <td>
                    {nameOf(figure.subject)} {period(figure.period)}
                  </td>
                  <td class="number">{shown(figure)}</td>
                  <td>{figure.source.publisher.name}</td>
                  <td>{contradiction.setAside.some(({ id }) => id === figure.id) ? m.setAside : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Part>
      ))}
      {of.history.length > 1 && (
        <Part name={m.history}>
          <ol class="claims">
            {of.history.map((claim) => (
              <li key={claim.id}>
                <strong>{shown(claim)}</strong> {claim.source.publisher.name}, {clock(claim.knownFrom)}
                {claim.reason !== null && <span class="quiet"> {claim.reason}</span>}
              </li>
            ))}
          </ol>
        </Part>
      )}
      <Part name={m.cite}>
        <p>{citationOf(of)}</p>
        <CopyButton text={citationOf(of)} />
      </Part>
    </>
  );
}

function Part({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <section>
      <h3>{name}</h3>
      {children}
    </section>
  );
}

function ClaimLine({ claim, isBest }: { readonly claim: Claim; readonly isBest: boolean }) {
  const m = messages.value;
  const { source, attributedTo, note, rank } = claim;
  return (
    <li>
      <strong>{shown(claim)}</strong> {source.publisher.name}
      <span class="quiet"> · {m.tiers[source.publisher.tier] ?? ''}</span>
      {source.publishedOn !== null && <span> · {day(source.publishedOn)}</span>}
      {isBest && <span class="tag">{m.best}</span>}
      {rank !== 'NORMAL' && <span class="tag">{m.ranks[rank]}</span>}
      <br />
      {source.url === null ? source.title : <a href={source.url}>{source.title}</a>}
      {attributedTo !== null && <span class="quiet"> · {m.attributedTo(attributedTo)}</span>}
      {note !== null && <span class="quiet"> · {note}</span>}
    </li>
  );
}

/** Why there is nothing to show. */
function missingOf(isAwaited: boolean, failed: boolean): string {
  const m = messages.value;
  if (failed) return m.failedSource;
  return isAwaited ? m.loading : m.unknown;
}

/** The query that made the number, with its variables in the first line. */
function queryOf(place: Place): string {
  return `# ${JSON.stringify({ ...place, asOf: asOf.value })}\n${stringifyDocument(SOURCE)}`;
}
