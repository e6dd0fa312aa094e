import type { Target as Row, TargetKind as TargetKindName } from '../database/generated/client.ts';
import { expandSubjects } from '../domain/catalog/subjects.ts';
import { type SetTarget, setTarget } from '../domain/editing/targets.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { TargetPages } from './connection.ts';
import type { Context } from './context.ts';
import { Metric, TargetKind, Unit } from './enums.ts';
import { Source, Subject, Target } from './node.ts';
import { rowIdOf } from './node-id.ts';
import { ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';
import { targetsAt } from './target-claims.ts';
import { CURSOR_FIELD, type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

builder.prismaObjectFields(Target, (t) => ({
  subject: t.relation('subject', { type: Subject, description: 'The subject that is to reach the target.' }),
  kind: t.expose('kind', { type: TargetKind }),
  metric: t.expose('metric', { type: Metric }),
  period: t.expose('period', { type: 'Period', nullable: true }),
  deadline: t.expose('deadline', { type: 'Date', nullable: true }),
  value: t.exposeFloat('value', { nullable: true }),
  lower: t.exposeFloat('lower', { nullable: true }),
  upper: t.exposeFloat('upper', { nullable: true }),
  growthMinPercent: t.exposeFloat('growthMinPercent', { nullable: true }),
  growthMaxPercent: t.exposeFloat('growthMaxPercent', { nullable: true }),
  setOn: t.expose('setOn', { type: 'PartialDate', nullable: true }),
  source: t.field({
    type: Source,
    description:
      "The document of the best claim: the maker's own first, then the number that most origins name, then the earliest.",
    select: async (_args, _context, nested) => ({ sourceId: true, source: await nested() }),
    // As of an instant it can be that of another claim than now.
    resolve: async ({ sourceId, source }, _args, { db }) =>
      source.id === sourceId ? source : db.source.findUniqueOrThrow({ where: { id: sourceId } }),
  }),
  claims: t.relation('claims', {
    description: 'The claims of all sources, in the order in which they were recorded.',
    args: { asOf: t.arg(AS_OF) },
    query: ({ asOf }) => ({
      ...(asOf == null ? {} : { where: { knownFrom: { lte: asOf } } }),
      orderBy: { id: 'asc' },
    }),
  }),
  revises: t.relation('revises', {
    nullable: true,
    description: 'The earlier target that this target revises. Null if it revises none.',
  }),
  revisedBy: t.relation('revisedBy', {
    nullable: true,
    description: 'The later target that revises this target. Null if this is the current one.',
  }),
  mergedInto: t.relation('mergedInto', {
    nullable: true,
    description:
      'The target that says the same, and has the claims. Null for every target in a list: only targets from before targets had claims were merged, and they are found by their ids alone.',
  }),
  note: t.exposeString('note', { nullable: true }),
}));

interface ListArgs {
  readonly kinds?: readonly TargetKindName[] | null | undefined;
  readonly asOf?: Date | null | undefined;
  readonly currentOnly?: boolean | null | undefined;
}

interface RootArgs extends ListArgs {
  readonly subjects?: readonly string[] | null | undefined;
  readonly includeDescendants: boolean;
}

const KINDS: { type: [typeof TargetKind]; description: string } = {
  type: [TargetKind],
  description: 'Targets of these kinds. Null: of all.',
};
const KNOWN_AT = {
  type: 'DateTime',
  description:
    'The targets that were known at this instant, as they were known then: by the claims whose sources were published by then. Null: as known now.',
} as const;

const CURRENT_ONLY = {
  required: true,
  defaultValue: false,
  description: 'Leaves out the targets that were revised; with `asOf` those whose revision was known then.',
} as const;

const LIST = {
  order: ORDERS.targets,
  shown: async (rows: readonly Row[], { asOf }: ListArgs, context: Context) =>
    asOf == null ? rows : targetsAt(context, rows, asOf),
};

function wanted({ kinds, asOf, currentOnly }: ListArgs) {
  const known = asOf == null ? {} : { claims: { some: { knownFrom: { lte: asOf } } } };
  return {
    mergedIntoId: null,
    ...(kinds == null ? {} : { kind: { in: [...kinds] } }),
    ...known,
    ...(currentOnly === true ? { NOT: { revisedBy: { is: known } } } : {}),
  };
}

builder.prismaInterfaceFields(Subject, (t) => ({
  targets: t.connection(
    {
      type: Target,
      description: 'The targets of this subject, last recorded first.',
      args: { kinds: t.arg(KINDS), asOf: t.arg(KNOWN_AT), currentOnly: t.arg.boolean(CURRENT_ONLY) },
      ...listBelow('Subject', 'targets', { ...LIST, where: (args: ListArgs) => wanted(args) }),
    },
    ...TargetPages,
  ),
}));

const TargetPayload = builder.objectRef<Outcome<SetTarget>>('TargetPayload').implement({
  description: 'The outcome of a claim about a target.',
  fields: (t) => ({
    target: t.field({
      type: Target,
      nullable: true,
      description: 'The target with the claim. Null if the input was refused.',
      resolve: ({ written }) => written?.target,
    }),
    cursor: t.field(CURSOR_FIELD),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const TargetInput = builder.inputType('TargetInput', {
  description: 'What a source says about a target: a value, a range or a growth, in a period or by a day.',
  fields: (t) => ({
    subject: t.string({ required: true, description: 'The slug of the subject that is to reach the target.' }),
    kind: t.field({
      type: TargetKind,
      required: true,
      defaultValue: 'TARGET',
      description: 'Whether the maker aims at it, tells investors to expect it, or others expect it.',
    }),
    metric: t.field({
      type: Metric,
      required: true,
      description:
        'What is counted, as the source states it. Claims in DELIVERIES, SALES, WHOLESALE and RETAIL are about the same target.',
    }),
    period: t.field({
      type: 'Period',
      description: 'The period of the target. Only a growth needs neither a period nor a deadline.',
    }),
    deadline: t.field({
      type: 'Date',
      description: 'The day by which the target is to be reached. User error INVALID_INPUT if it is not in the period.',
    }),
    value: t.float({
      description:
        'The number to reach, in the unit of the metric, above 0. Null for a range or a growth. User error ALREADY_RECORDED if the source stated another number for this target: revise it instead.',
    }),
    lower: t.float({
      description:
        'The lower end of a range, in the unit of the metric, above 0: the target is met from here. User error INVALID_VALUE beside a value, or above `upper`.',
    }),
    upper: t.float({
      description:
        'The upper end of a range, in the unit of the metric. Null: at least `lower`. User error INVALID_VALUE without `lower`.',
    }),
    growthMinPercent: t.float({
      description:
        'The lowest growth to reach, in percent a year. Null for a target of a number: user error INVALID_VALUE beside one.',
    }),
    growthMaxPercent: t.float({
      description:
        'The highest growth to reach, in percent a year. Null for a target of a number: user error INVALID_VALUE beside one.',
    }),
    unit: t.field({
      type: Unit,
      description: 'The unit of the value, as a check. User error INVALID_UNIT if it is not the unit of the metric.',
    }),
    setOn: t.field({
      type: 'PartialDate',
      description:
        'When the target was set, as precisely as known. User error INVALID_INPUT if that is after the source was published.',
    }),
    sourceId: t.id({
      required: true,
      description: 'The id of the source. User error UNKNOWN_SOURCE if there is none.',
    }),
    revises: t.id({
      description:
        'The id of the earlier target that this one replaces, of the same subject, kind and metric. Null: the claim is about the current target of its period, if there is one. User error STALE_REVISION, with the id of the current target, if it was revised already.',
    }),
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
          description: 'Targets of these subjects, by slug. Null: of all. Error BAD_USER_INPUT for an unknown slug.',
        }),
        includeDescendants: t.arg.boolean({
          required: true,
          defaultValue: false,
          description: 'Also targets of subjects below the given ones, at any depth.',
        }),
        kinds: t.arg(KINDS),
        asOf: t.arg(KNOWN_AT),
        currentOnly: t.arg.boolean(CURRENT_ONLY),
      },
      ...listOf('Target', {
        ...LIST,
        where: async ({ subjects, includeDescendants, ...args }: RootArgs, { db }) => ({
          ...wanted(args),
          ...(subjects == null ? {} : { subjectId: { in: await expandSubjects(db, subjects, includeDescendants) } }),
        }),
      }),
    },
    ...TargetPages,
  ),
}));

builder.mutationFields((t) => ({
  setTarget: t.field({
    type: TargetPayload,
    description:
      'Adds what a source says to its target, and makes the target if there is none. Claims of several sources are kept side by side; the best one gives the numbers. To raise or lower a target, record one that revises it. The same claim again writes nothing.',
    authScopes: { write: true },
    args: { input: t.arg({ type: TargetInput, required: true, description: 'The claim.' }) },
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
