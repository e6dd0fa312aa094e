import { contradictionsMatching } from '../domain/boards/contradiction-filter.ts';
import { builder } from './builder.ts';
import { ChangeFilter } from './change.ts';
import { ContradictionPages } from './connection.ts';
import { ContradictionKind, Metric } from './enums.ts';
import { Contradiction, Figure, Subject } from './node.ts';
import { Observation } from './observation.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';

builder.prismaObjectFields(Contradiction, (t) => ({
  kind: t.expose('kind', { type: ContradictionKind }),
  subject: t.relation('subject', {
    type: Subject,
    description:
      'The subject whose claim is set aside. If none is, the subject whose count the other claims do not fit.',
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
    select: { figureIds: true },
    resolve: (query, { figureIds }, _args, { db }) =>
      db.figure.findMany({
        ...query,
        where: { id: { in: figureIds } },
        orderBy: [{ periodEnd: 'asc' }, { id: 'asc' }],
      }),
  }),
  setAside: t.prismaField({
    type: [Figure],
    description: 'The figures among them that do not count. Empty if what stands against the others is no figure.',
    select: { setAsideIds: true },
    resolve: (query, { setAsideIds }, _args, { db }) =>
      db.figure.findMany({
        ...query,
        where: { id: { in: setAsideIds } },
        orderBy: [{ periodEnd: 'asc' }, { id: 'asc' }],
      }),
  }),
  explanation: t.exposeString('explanation'),
}));

builder.objectFields(Observation, (t) => ({
  contradictions: t.prismaField({
    type: [Contradiction],
    description:
      'The contradictions in which claims about exactly this period take part now, also those of its parts and wholes and of other metrics.',
    resolve: async (query, { place, period }, _args, { db }) => {
      const { subjectId, metric, withinId } = place;
      const claims = await db.figure.findMany({
        where: { subjectId, metric, withinId, period: period.text, claimKey: { not: null } },
        select: { id: true },
      });
      return db.contradiction.findMany({
        ...query,
        where: { figureIds: { hasSome: claims.map(({ id }) => id) }, resolvedAt: null },
        orderBy: { id: 'asc' },
      });
    },
  }),
}));

builder.queryField('contradictions', (t) =>
  t.connection(
    {
      type: Contradiction,
      description:
        'Claims that cannot all be true, as of now, the most recently found first. One that comes back keeps its place.',
      args: {
        filter: t.arg({
          type: ChangeFilter,
          description:
            'Selects contradictions by metric, and by subject: those of the subject and those in which its figures take part, also of what is below it now. Null: all.',
        }),
      },
      ...listOf('Contradiction', {
        order: ORDERS.contradictions,
        where: ({ filter }: { filter?: typeof ChangeFilter.$inferInput | null | undefined }, { db }) =>
          contradictionsMatching(db, filter ?? {}),
      }),
    },
    ...ContradictionPages,
  ),
);
