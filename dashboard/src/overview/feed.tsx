import { asOf } from '../api/as-of.ts';
import { CHANGE, type Change, changes } from '../api/changes.ts';
import { graphql } from '../api/graphql.ts';
import { useLive } from '../api/use-live.ts';
import { clock } from '../format/time.ts';
import { messages } from '../i18n/language.ts';
import { sentenceOf } from '../parts/sentence.ts';

/** The newest changes that were written before an instant, the newest first. */
const UNTIL = graphql(`query Until($asOf: DateTime!) { changes(last: 40, until: $asOf) { nodes { ...Change } } }`, [
  CHANGE,
]);

/** What has changed, in sentences, the newest first; as of a day what had changed by then. */
export function Feed() {
  const m = messages.value;
  const then = asOf.value;
  return (
    <section class="feed-section" aria-labelledby="feed">
      <h2 id="feed">{m.feed}</h2>
      {then === null ? <Sentences of={changes.value} /> : <FeedThen asOf={then} />}
    </section>
  );
}

function FeedThen({ asOf: then }: { readonly asOf: string }) {
  const { data } = useLive(UNTIL, { asOf: then });
  return data === null ? null : <Sentences of={data.changes.nodes} />;
}

function Sentences({ of }: { readonly of: readonly Change[] }) {
  const m = messages.value;
  if (of.length === 0) return <p class="quiet">{asOf.value === null ? m.nothingYet : m.nothingThen}</p>;
  // What is told by several sources would be the same sentence again.
  const told = of
    .map((change) => ({ change, sentence: sentenceOf(change) }))
    .filter(({ sentence }, index, all) => sentence !== all[index - 1]?.sentence);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard
    <ol class="feed" tabIndex={0} aria-label={m.feed}>
      {told.map(({ change, sentence }) => (
        <li key={change.cursor}>
          <span>{sentence}</span>
          <time dateTime={change.at}>{clock(change.at)}</time>
        </li>
      ))}
    </ol>
  );
}
