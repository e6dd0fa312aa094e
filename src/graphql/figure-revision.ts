import { type RevisionInput as Revision, reviseFigure, reviseFigures } from '../domain/editing/revise-figures.ts';
import { builder } from './builder.ts';
import { Qualifier } from './enums.ts';
import { ACKNOWLEDGE_OUTLIER, RecordFigurePayload, RecordFiguresPayload } from './figure.ts';
import { rowIdOf } from './node-id.ts';
import { outcomeOf } from './user-error.ts';

const RevisionInput = builder.inputType('RevisionInput', {
  description: 'The values of a revision.',
  fields: (t) => ({
    value: t.float({ description: 'The value, in the unit of the metric. Can be null only with BETWEEN.' }),
    lower: t.float({
      description: 'The lower bound, in the unit of the metric. Required with BETWEEN, not allowed otherwise.',
    }),
    upper: t.float({
      description: 'The upper bound, in the unit of the metric. Required with BETWEEN, not allowed otherwise.',
    }),
    qualifier: t.field({
      type: Qualifier,
      required: true,
      defaultValue: 'EXACT',
      description: 'How exactly the source states the value.',
    }),
    sourceId: t.id({
      description:
        'The id of the source that makes the revision. Null: the source of the revised figure. User error INVALID_INPUT if it was published before that source: record it as a claim of its own.',
    }),
    reason: t.string({ required: true, description: 'Why the figure is revised.' }),
    acknowledgeOutlier: t.boolean({
      defaultValue: false,
      description: `${ACKNOWLEDGE_OUTLIER} The revised figure itself is not compared with.`,
    }),
  }),
});

const RevisionOf = builder.inputType('RevisionOf', {
  description: 'A revision of one figure among many.',
  fields: (t) => ({
    id: t.id({
      required: true,
      description:
        'The id of the figure to revise. User error UNKNOWN_FIGURE if there is none, INVALID_INPUT if it is in the list twice.',
    }),
    input: t.field({ type: RevisionInput, required: true, description: 'The new values.' }),
  }),
});

builder.mutationFields((t) => ({
  reviseFigure: t.field({
    type: RecordFigurePayload,
    description:
      'Revises a figure: the old figure is kept as history, and a new figure takes its place. User error UNKNOWN_FIGURE if there is no such figure, STALE_REVISION if it was already revised or withdrawn. After a revision the message names the current figure.',
    authScopes: { write: true },
    args: {
      id: t.arg.id({ required: true, description: 'The id of the figure to revise.' }),
      input: t.arg({ type: RevisionInput, required: true, description: 'The new values.' }),
    },
    resolve: (_root, { id, input }, { db }) => outcomeOf(reviseFigure(db, rowIdOf('Figure', id), revisionOf(input))),
  }),
  reviseFigures: t.field({
    type: RecordFiguresPayload,
    description:
      'Revises 1 to 1,000 figures, all or none, each by the rules of `reviseFigure`. The same list again writes nothing. User error TOO_MANY for more.',
    authScopes: { write: true },
    args: { inputs: t.arg({ type: [RevisionOf], required: true, description: 'The figures with their new values.' }) },
    resolve: (_root, { inputs }, { db }) =>
      outcomeOf(
        reviseFigures(
          db,
          inputs.map(({ id, input }) => ({ id: rowIdOf('Figure', id), input: revisionOf(input) })),
        ),
      ),
  }),
}));

/** The revision as the domain takes it, with rows instead of the API's ids. */
function revisionOf({ sourceId, ...input }: (typeof RevisionInput)['$inferInput']): Revision {
  return { ...input, sourceId: sourceId == null ? undefined : rowIdOf('Source', sourceId) };
}
