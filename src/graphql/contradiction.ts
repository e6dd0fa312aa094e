import type { Contradiction as Row } from '../database/generated/client.ts';
import type { ChangeFilter as Filter } from '../domain/boards/change-filter.ts';
import { contradictionsMatching, contradictionsThenMatching } from '../domain/boards/contradiction-filter.ts';
import { isCurrent } from '../domain/claims/figure-input.ts';
import { metricsAbove } from '../domain/estimates/knowledge.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { ChangeFilter } from './change.ts';
import { ContradictionPages } from './connection.ts';
import type { Context } from './context.ts';
import { loadContradictionsThen, shownContradiction } from './contradictions-then.ts';
import { COST_OF_ALL, costOfListThen } from './costs.ts';
import { ContradictionKind, Metric } from './enums.ts';
import { loadContradictionsOf, loadFiguresOf } from './figures-of.ts';
import { loadFigures, withRanksAt } from './histories.ts';
import { compareIn, reverse } from './keyset.ts';
import { instantOf } from './known-then.ts';
import { Contradiction, Figure, Subject } from './node.ts';
import { Observation } from './observation.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';

/** Most contradictions are of two or three figures. */
const FIGURES = { field: 1, multiplier: 3 };

interface ListArgs {
  readonly filter?: Filter | null | undefined;
  readonly asOf?: Date | null | undefined;
}

builder.prismaObjectFields(Contradiction, (t) => ({
  kind: t.expose('kind', { type: ContradictionKind }),
  subject: t.relation('subject', {
    type: Subject,
    description:
      'The subject whose claim is set aside. If none is, the subject whose count the other claims do not fit.',
    extensions: {
      knownThen: ({ subjectId }: Row, _args: unknown, { db }: Context) =>
        db.subject.findUniqueOrThrow({ where: { id: subjectId } }),
    },
  }),
  metric: t.expose('metric', { type: Metric }),
  periods: t.field({
    type: ['Period'],
    description: 'The periods of the claims, the earliest end first.',
    select: { periods: true },
    resolve: ({ periods }) => periods,
  }),
  gap: t.exposeFloat('gap'),
  figures: t.prismaField({
    type: [Figure],
    description: 'The figures that cannot all be true, the earliest period first.',
    complexity: FIGURES,
    select: { figureIds: true },
    resolve: (query, row, _args, context) => readFigures(query, row, row.figureIds, context),
  }),
  setAside: t.prismaField({
    type: [Figure],
    description: 'The figures among them that do not count. Empty if what stands against the others is no figure.',
    complexity: FIGURES,
    select: { setAsideIds: true },
    resolve: (query, row, _args, context) => readFigures(query, row, row.setAsideIds, context),
  }),
  explanation: t.exposeString('explanation'),
}));

builder.objectFields(Observation, (t) => ({
  contradictions: t.prismaField({
    type: [Contradiction],
    description:
      'The contradictions in which claims about exactly this period take part, also those of its parts and wholes and of other metrics. Of an observation that was read with `asOf`, those that were known at that instant.',
    resolve: async (query, observed, _args, context) => {
      const { place, period } = observed;
      const { subjectId, metric, withinId, asOf } = place;
      // Copied because Pothos reports a query that no one uses.
      const own = { ...query };
      if (asOf !== null) return contradictionsOfThen(context, observed, asOf);
      const claims = await loadFigures(context, { subjectId, metric, withinId, period: period.text });
      const current = claims.filter((claim) => isCurrent(claim, null));
      return loadContradictionsOf(
        context,
        own,
        current.map(({ id }) => id),
      );
    },
  }),
}));

builder.queryField('contradictions', (t) =>
  t.connection(
    {
      type: Contradiction,
      description:
        'Claims that cannot all be true, the most recently found first. One that comes back keeps its place. With `asOf` they are worked out again, the latest period first.',
      args: {
        filter: t.arg({
          type: ChangeFilter,
          description:
            'Selects contradictions by metric, and by subject: those of the subject and those in which its figures take part, also of what is below it now. Null: all.',
        }),
        asOf: t.arg({
          ...AS_OF,
          description: `${AS_OF.description} Without \`subjects\` everything is worked out again, so it costs as much as ${COST_OF_ALL} fields.`,
        }),
      },
      ...listOf('Contradiction', {
        order: ({ asOf }: ListArgs) => (asOf == null ? ORDERS.contradictions : ORDERS.contradictionsThen),
        where: ({ filter }: ListArgs, { db }) => contradictionsMatching(db, filter ?? {}),
        knownThen: {
          rows: async (asOf, { filter }, { db }) =>
            (await contradictionsThenMatching(db, filter ?? {}, asOf)).map(shownContradiction),
          cost: ({ filter }) => costOfListThen(filter?.subjects?.length ?? Number.POSITIVE_INFINITY),
        },
      }),
    },
    ...ContradictionPages,
  ),
);

/** With the ranks that they had at the instant whose knowledge the contradiction is. */
async function readFigures(query: object, row: Row, ids: readonly number[], context: Context) {
  return withRanksAt(context, await loadFiguresOf(context, query, ids), instantOf(row));
}

/** The contradictions in which the claims about a period took part that counted at an instant, the earliest period first. */
async function contradictionsOfThen(context: Context, { place, period }: Observed, asOf: Date): Promise<Row[]> {
  const { subjectId, metric, withinId } = place;
  const figures = await loadFigures(context, { subjectId, metric, withinId, period: period.text });
  const ids = new Set(figures.filter((figure) => isCurrent(figure, asOf)).map(({ id }) => id));
  const found = await loadContradictionsThen(context, subjectId, { metrics: metricsAbove(metric), asOf });
  return found
    .filter(({ figureIds }) => figureIds.some((id) => ids.has(id)))
    .map(shownContradiction)
    .sort((a, b) => compareIn(reverse(ORDERS.contradictionsThen.columns), { ...a }, { ...b }));
}
