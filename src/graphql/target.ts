import { rowIdOf } from '../domain/api-id.ts';
import { expandSubjects } from '../domain/subject-lookup.ts';
import { type SetTarget, setTarget } from '../domain/target.ts';
import { builder } from './builder.ts';
import { TargetPages } from './connection.ts';
import { Metric, Unit } from './enums.ts';
import { Subject, Target } from './node.ts';
import { ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Target, (t) => ({
  subject: t.relation('subject', { type: Subject, description: 'Whose target it is.' }),
  metric: t.expose('metric', { type: Metric }),
  period: t.expose('period', { type: 'Period', nullable: true }),
  deadline: t.expose('deadline', { type: 'Date', nullable: true }),
  value: t.exposeFloat('value', { nullable: true }),
  growthMinPercent: t.exposeFloat('growthMinPercent', { nullable: true }),
  growthMaxPercent: t.exposeFloat('growthMaxPercent', { nullable: true }),
  setOn: t.expose('setOn', { type: 'PartialDate', nullable: true }),
  source: t.relation('source', { description: 'Who says so.' }),
  revises: t.relation('revises', {
    nullable: true,
    description: 'The earlier target that this one takes the place of.',
  }),
  note: t.exposeString('note', { nullable: true }),
}));

builder.prismaInterfaceFields(Subject, (t) => ({
  targets: t.connection(
    {
      type: Target,
      description: 'What it set out to reach, the last set first.',
      ...listBelow('Subject', 'targets', { order: ORDERS.targets }),
    },
    ...TargetPages,
  ),
}));

const TargetPayload = builder.objectRef<Outcome<SetTarget>>('TargetPayload').implement({
  description: 'The outcome of setting a target.',
  fields: (t) => ({
    target: t.field({
      type: Target,
      nullable: true,
      description: 'The target; null when the input was refused.',
      resolve: ({ written }) => written?.target,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const TargetInput = builder.inputType('TargetInput', {
  description: 'What a maker set out to reach: a value or a growth, in a period or by a day.',
  fields: (t) => ({
    subject: t.string({ required: true, description: 'The slug of whose target it is.' }),
    metric: t.field({ type: Metric, required: true, description: 'What is counted.' }),
    period: t.field({ type: 'Period', description: 'The span of days it is for.' }),
    deadline: t.field({ type: 'Date', description: 'The day by which it is to be reached.' }),
    value: t.float({ description: "The number to reach, in the metric's unit." }),
    growthMinPercent: t.float({ description: 'The lowest growth aimed at, in percent a year.' }),
    growthMaxPercent: t.float({ description: 'The highest growth aimed at, in percent a year.' }),
    unit: t.field({ type: Unit, description: "A check: if given, it must be the metric's unit." }),
    setOn: t.field({ type: 'PartialDate', description: 'When it was set.' }),
    sourceId: t.id({ required: true, description: 'The id of the source.' }),
    revises: t.id({ description: 'The id of the target that this one takes the place of.' }),
    note: t.string({ description: 'What a reader should know about it.' }),
  }),
});

builder.queryFields((t) => ({
  targets: t.connection(
    {
      type: Target,
      description: 'Targets, the last set first.',
      args: { subjects: t.arg.stringList({ description: 'Of exactly these subjects, by slug.' }) },
      ...listOf('Target', {
        order: ORDERS.targets,
        where: async ({ subjects }: { subjects?: string[] | null | undefined }, { db }) =>
          subjects == null ? {} : { subjectId: { in: await expandSubjects(db, subjects, false) } },
      }),
    },
    ...TargetPages,
  ),
}));

builder.mutationFields((t) => ({
  setTarget: t.field({
    type: TargetPayload,
    description: 'Notes what a maker set out to reach; a changed target is a new one that revises the old.',
    authScopes: { write: true },
    args: { input: t.arg({ type: TargetInput, required: true, description: 'The target.' }) },
    resolve: (_root, { input: { revises, ...input } }, { db }) =>
      outcomeOf(
        setTarget(db, {
          ...input,
          sourceId: rowIdOf('Source', input.sourceId),
          revisesId: revises == null ? undefined : rowIdOf('Target', revises),
        }),
      ),
  }),
}));
