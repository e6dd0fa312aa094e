import type { Change } from '../api/changes.ts';
import { growth, shown, whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { countOf, metricName } from '../i18n/metric-name.ts';
import { text as bullets } from './bullet-messages.ts';
import { contradictionInWords } from './contradiction-in-words.ts';
import { milestoneTitle } from './milestone-title.ts';

type Target = Extract<Change, { __typename: 'TargetChange' }>['target'];

/** What a target aims at: vehicles, or growth. */
function aimOf({ value, lower, upper, metric, growthMinPercent, growthMaxPercent }: Target): string {
  if (growthMinPercent === null) return countOf(shown({ value, lower, upper, qualifier: 'EXACT' }), metric);
  const most =
    growthMaxPercent === null || growthMaxPercent === growthMinPercent ? '' : ` – ${growth(growthMaxPercent)}`;
  return bullets.value.aYear(metricName(metric), `${growth(growthMinPercent)}${most}`);
}

/** A change in words: "ONVO October 2025: 17,343 → 17,342, restated". */
export function sentenceOf(change: Change): string {
  const m = messages.value;
  const who = nameOf(change.subject);
  switch (change.__typename) {
    case 'FigureChange': {
      const { figure, action, before, observation } = change;
      const what = `${who} ${period(figure.period)} ${metricName(figure.metric)}`;
      const isOnlyChange = figure.value === null && figure.lower === null && figure.upper === null;
      const now =
        isOnlyChange && figure.statedChangePercent !== null
          ? m.figure.onlyChange(growth(figure.statedChangePercent))
          : shown(figure);
      const why = m.decided[observation?.decidedBy ?? ''];
      const because = why === undefined ? '' : `, ${why}`;
      if (action === 'WITHDRAWN' || action === 'RANKED') return `${m.figure[action](what)}${because}`;
      if (before !== null && before !== figure.value) return `${m.figure.REVISED(what, whole(before), now)}${because}`;
      return m.figure.RECORDED(what, now, figure.source.publisher.name);
    }
    case 'MilestoneChange':
      return m.milestoneChange(who, milestoneTitle(change.milestone), m.status[change.status] ?? change.status);
    case 'ContradictionChange':
      return change.resolved
        ? m.contradictionResolved(who)
        : m.contradictionChange(who, contradictionInWords(change.contradiction));
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
