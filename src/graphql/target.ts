import { expandSubjects } from '../domain/catalog/subjects.ts';
import { type SetTarget, setTarget } from '../domain/editing/targets.ts';
import { builder } from './builder.ts';
import { TargetPages } from './connection.ts';
import { Metric, Unit } from './enums.ts';
import { Subject, Target } from './node.ts';
import { rowIdOf } from './node-id.ts';
import { ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Target, (t) => ({
  subject: t.relation('subject', { type: Subject, description: 'The subject that is to reach the target.' }),
  metric: t.expose('metric', { type: Metric }),
  period: t.expose('period', { type: 'Period', nullable: true }),
  deadline: t.expose('deadline', { type: 'Date', nullable: true }),
  value: t.exposeFloat('value', { nullable: true }),
  growthMinPercent: t.exposeFloat('growthMinPercent', { nullable: true }),
  growthMaxPercent: t.exposeFloat('growthMaxPercent', { nullable: true }),
  setOn: t.expose('setOn', { type: 'PartialDate', nullable: true }),
  source: t.relation('source', { description: 'The document that states the target.' }),
  revises: t.relation('revises', {
    nullable: true,
    description: 'The earlier target that this target revises. Null if it revises none.',
  }),
  note: t.exposeString('note', { nullable: true }),
}));

builder.prismaInterfaceFields(Subject, (t) => ({
  targets: t.connection(
    {
      type: Target,
      description: 'The targets of this subject, last recorded first.',
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
      description: 'The target. Null if the input was refused.',
      resolve: ({ written }) => written?.target,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const TargetInput = builder.inputType('TargetInput', {
  description: 'A target of a maker: a value or a growth, in a period or by a day.',
  fields: (t) => ({
    subject: t.string({ required: true, description: 'The slug of the subject that is to reach the target.' }),
    metric: t.field({ type: Metric, required: true, description: 'What is counted.' }),
    period: t.field({ type: 'Period', description: 'The period of the target.' }),
    deadline: t.field({ type: 'Date', description: 'The day by which the target is to be reached.' }),
    value: t.float({
      description: 'The number to reach, in the unit of the metric, above 0. Null for a growth target.',
    }),
    growthMinPercent: t.float({
      description: 'The lowest growth to reach, in percent a year. Null for a target of a number.',
    }),
    growthMaxPercent: t.float({
      description: 'The highest growth to reach, in percent a year. Null for a target of a number.',
    }),
    unit: t.field({
      type: Unit,
      description: 'The unit of the value, as a check. User error INVALID_UNIT if it is not the unit of the metric.',
    }),
    setOn: t.field({ type: 'PartialDate', description: 'When the target was set, as precisely as known.' }),
    sourceId: t.id({
      required: true,
      description: 'The id of the source. User error UNKNOWN_SOURCE if there is none.',
    }),
    revises: t.id({ description: 'The id of the earlier target that this target revises.' }),
    note: t.string({ description: 'A note for readers.' }),
  }),
});

builder.queryFields((t) => ({
  targets: t.connection(
    {
      type: Target,
      description: 'Targets, last recorded first.',
      args: {
        subjects: t.arg.stringList({
          description:
            'Targets of exactly these subjects, by slug. Null: of all. Error BAD_USER_INPUT for an unknown slug.',
        }),
      },
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
    description:
      'Records a target. To change a target, record a new one that revises the old one. The same target again writes nothing.',
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
