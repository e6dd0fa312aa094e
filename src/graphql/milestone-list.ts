import { milestonesMatching } from '../domain/milestones/filter.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { MilestonePages } from './connection.ts';
import type { Context } from './context.ts';
import { COST_OF_ALL, costOfListThen, workedOutAtAll } from './costs.ts';
import { Metric, MilestoneKind, MilestoneStatus, SubjectKind } from './enums.ts';
import { readShownThen } from './milestones-then.ts';
import { Milestone, Subject } from './node.ts';
import { MILESTONE_ORDERS, MILESTONE_ORDERS_THEN } from './orders.ts';
import { listBelow, listOf } from './paging.ts';

const MilestoneOrder = builder.enumType('MilestoneOrder', {
  description:
    'The order of milestones. A milestone without a date has the first day on which it can have been reached, or else the day by which it was. In ascending order, those without any of these, or without an elapsed time, come last.',
  values: {
    REACHED_ON_ASC: { description: 'By `reachedOn`, earliest first.' },
    REACHED_ON_DESC: { description: 'By `reachedOn`, latest first.' },
    ELAPSED_ASC: { description: 'By `elapsed`, shortest first.' },
  },
});

export const MilestoneFilter = builder.inputType('MilestoneFilter', {
  description:
    'Selects milestones. A field that is null or not given does not restrict the selection, but lists leave out withdrawn milestones unless `statuses` names them.',
  fields: (t) => ({
    subjects: t.stringList({
      description: 'Milestones of these subjects, by slug. Error BAD_USER_INPUT for an unknown slug.',
    }),
    includeDescendants: t.boolean({
      defaultValue: false,
      description:
        "Also milestones of everything below `subjects`: a company's brands, a brand's models, an alliance's members. A subject's own list has only its own.",
    }),
    subjectKinds: t.field({ type: [SubjectKind], description: 'Milestones of subjects of these kinds.' }),
    kinds: t.field({ type: [MilestoneKind], description: 'Milestones of these kinds.' }),
    metrics: t.field({ type: [Metric], description: 'Milestones of these metrics.' }),
    threshold: t.float({ description: 'Milestones of exactly this number, in the unit of the metric.' }),
    reachedSince: t.field({
      type: 'Date',
      description:
        'Milestones that can have been reached on this day or later, by `reachedOn` or else by what the figures allow. Those of which nothing is known about the day are left out. Error BAD_USER_INPUT if the text is not a day.',
    }),
    reachedUntil: t.field({
      type: 'Date',
      description:
        'Milestones that can have been reached on this day or earlier, by `reachedOn` or else by what the figures allow. Those of which nothing is known about the day are left out. Error BAD_USER_INPUT if the text is not a day.',
    }),
    text: t.string({
      description:
        'Milestones with this text in the title, in the note of a claim or in the title of its source, in upper or lower case. An empty text does not restrict. Error BAD_USER_INPUT for more than 200 characters.',
    }),
    statuses: t.field({
      type: [MilestoneStatus],
      description:
        'Milestones with one of these statuses. Lists without it leave out WITHDRAWN. Subscriptions without it send every change.',
    }),
  }),
});

interface ListArgs {
  readonly filter?: (typeof MilestoneFilter)['$inferInput'] | null | undefined;
  readonly orderBy?: keyof typeof MILESTONE_ORDERS | null | undefined;
  readonly asOf?: Date | null | undefined;
}

const asOfArgument = {
  ...AS_OF,
  description: `Reads what was known at this instant: what was announced by then, and what the figures published by then show. None is WITHDRAWN: what was not known is not listed. The subjects, their first deliveries and the memberships are those of now. Null: what is known now. Without \`subjects\` everything is worked out again, so it costs as much as ${COST_OF_ALL} fields.`,
};

const filterArgument = {
  type: MilestoneFilter,
  description: 'Selects milestones. Null: all that were not withdrawn.',
} as const;

const LIST = {
  order: ({ orderBy: order, asOf }: ListArgs) =>
    (asOf == null ? MILESTONE_ORDERS : MILESTONE_ORDERS_THEN)[order ?? 'REACHED_ON_ASC'],
  where: ({ filter }: ListArgs, { db }: Context) => milestonesMatching(db, filter ?? {}),
};

const rowsThen = (asOf: Date, { filter }: ListArgs, context: Context, subjectId: number | null) =>
  readShownThen(context, filter ?? {}, asOf, subjectId);

const orderBy = {
  type: MilestoneOrder,
  defaultValue: 'REACHED_ON_ASC',
  description: 'The order of the milestones.',
} as const;

builder.prismaInterfaceFields(Subject, (t) => ({
  milestones: t.connection(
    {
      type: Milestone,
      description: 'The milestones of this subject.',
      args: { filter: t.arg(filterArgument), orderBy: t.arg(orderBy), asOf: t.arg(asOfArgument) },
      ...listBelow('Subject', 'milestones', {
        ...LIST,
        knownThen: { rows: rowsThen, worksOut: ({ asOf }) => workedOutAtAll(1, asOf) },
      }),
    },
    ...MilestonePages,
  ),
}));

builder.queryFields((t) => ({
  milestones: t.connection(
    {
      type: Milestone,
      description: 'Milestones, such as the subjects that reached a million vehicles and the day on which they did.',
      args: { filter: t.arg(filterArgument), orderBy: t.arg(orderBy), asOf: t.arg(asOfArgument) },
      ...listOf('Milestone', {
        ...LIST,
        knownThen: {
          rows: rowsThen,
          cost: ({ filter }) => costOfListThen(filter?.subjects?.length ?? Number.POSITIVE_INFINITY),
        },
      }),
    },
    ...MilestonePages,
  ),
}));
