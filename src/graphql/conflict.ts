import { readConflicts } from '../domain/conflict.ts';
import { builder } from './builder.ts';
import { FigureFilter, figureFilterOf } from './figure-filter.ts';
import { formatCursor } from './keyset.ts';
import { Observation } from './observation.ts';
import { ORDERS } from './orders.ts';
import { sliceOf } from './page.ts';

const ObservationConnection = builder.connectionObject(
  { type: Observation, name: 'ObservationConnection' },
  { name: 'ObservationEdge' },
);

builder.queryField('conflicts', (t) =>
  t.field({
    type: ObservationConnection,
    description: 'Observations whose claims contradict each other, the newest period first.',
    args: {
      filter: t.arg({ type: FigureFilter, description: 'Only those with a claim that the filter lets through.' }),
      first: t.arg.int({ description: 'How many at most, 1 to 100; 20 if not given.' }),
      after: t.arg.string({ description: 'Only items after this cursor.' }),
      asOf: t.arg({ type: 'DateTime', description: 'What was known at that instant; what is known now if not given.' }),
    },
    complexity: ({ first }) => ({ field: 20, multiplier: first ?? 20 }),
    resolve: async (_root, { filter, asOf, ...args }, { db }) => {
      const { place, size } = sliceOf(ORDERS.conflicts, args);
      const [periodEnd, slot] = (place ?? []) as [Date, string];
      const after = place === null ? null : { periodEnd, slot };
      const page = await readConflicts(db, figureFilterOf(filter), { first: size, after }, asOf ?? null);
      const edges = page.items.map((item) => ({
        cursor: formatCursor(ORDERS.conflicts, { ...item.place }),
        node: item.observed,
      }));
      return {
        edges,
        pageInfo: {
          startCursor: edges[0]?.cursor ?? null,
          endCursor: edges.at(-1)?.cursor ?? null,
          hasNextPage: page.hasNextPage,
          hasPreviousPage: page.hasPreviousPage,
        },
        totalCount: page.totalCount,
      };
    },
  }),
);
