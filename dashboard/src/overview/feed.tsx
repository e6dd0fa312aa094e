import { type Change, changes } from '../api/changes.ts';
import { percent, shown, whole } from '../format/number.ts';
import { clock, period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';

/** What has changed, in sentences, the newest first. */
export function Feed() {
  const m = messages.value;
  return (
    <section aria-labelledby="feed">
      <h2 id="feed">{m.feed}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard */}
      <ol class="feed" tabIndex={0} aria-label={m.feed}>
        {changes.value.map((change) => (
          <li key={change.cursor}>
            <span>{sentenceOf(change)}</span>
            <time dateTime={change.at}>{clock(change.at)}</time>
          </li>
        ))}
      </ol>
    </section>
  );
}

type Target = Extract<Change, { __typename: 'TargetChange' }>['target'];

/** What a target aims at: vehicles, or growth. */
function aimOf({ value, lower, upper, metric, growthMinPercent, growthMaxPercent }: Target): string {
  const name = messages.value.metrics[metric] ?? '';
  if (growthMinPercent === null) return `${shown({ value, lower, upper, qualifier: 'EXACT' })} ${name}`;
  const most =
    growthMaxPercent === null || growthMaxPercent === growthMinPercent ? '' : ` – ${percent(growthMaxPercent)}`;
  return `${percent(growthMinPercent)}${most} ${name}`;
}

/** A change in words: "ONVO October 2025: 17,343 → 17,342, restated". */
function sentenceOf(change: Change): string {
  const m = messages.value;
  const who = nameOf(change.subject);
  switch (change.__typename) {
    case 'FigureChange': {
      const { figure, action, before, observation } = change;
      const what = `${who} ${period(figure.period)} ${m.metrics[figure.metric] ?? ''}`.trim();
      const now = shown(figure);
      const why = m.decided[observation?.decidedBy ?? ''];
      const because = why === undefined ? '' : `, ${why}`;
      if (action === 'WITHDRAWN' || action === 'RANKED') return `${m.figure[action](what)}${because}`;
      if (before !== null && before !== figure.value) return `${m.figure.REVISED(what, whole(before), now)}${because}`;
      return m.figure.RECORDED(what, now, figure.source.publisher.name);
    }
    case 'MilestoneChange':
      return m.milestoneChange(who, change.milestone.title, m.status[change.status] ?? change.status);
    case 'ContradictionChange':
      return change.resolved
        ? m.contradictionResolved(who)
        : m.contradictionChange(who, change.contradiction.explanation);
    case 'TargetChange':
      return m.targetChange(
        who,
        change.target.period === null ? '' : ` ${period(change.target.period)}`,
        aimOf(change.target),
      );
    case 'MembershipChange':
      return m.membershipChange(who, nameOf(change.membership.alliance));
    default:
      return m.subjectChange(who);
  }
}
