import { readConflicts } from '../domain/boards/conflicts.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { FigureFilter, figureFilterOf } from './figure-filter.ts';
import { formatCursor } from './keyset.ts';
import { Observation } from './observation.ts';
import { ORDERS } from './orders.ts';
import { sliceOf } from './page.ts';
import { PAGE } from './page-limits.ts';

const ObservationConnection = builder.connectionObject(
  { type: Observation, name: 'ObservationConnection' },
  { name: 'ObservationEdge' },
);

builder.queryField('conflicts', (t) =>
  t.field({
    type: ObservationConnection,
    description: 'Observations whose claims contradict each other, newest period first.',
    args: {
      filter: t.arg({
        type: FigureFilter,
        description: 'Selects figures. An observation is listed if at least one of its claims is selected.',
      }),
      first: t.arg.int({
        description: 'The largest number of observations, 1 to 100. Null: 20. Error BAD_USER_INPUT outside this range.',
      }),
      after: t.arg.string({
        description: 'Only observations after this cursor. Error BAD_USER_INPUT for a cursor of another list.',
      }),
      last: t.arg.int({
        description:
          'The largest number of observations, 1 to 100, counted from the end of the list. Error BAD_USER_INPUT outside this range, or together with `first` or `after`.',
      }),
      before: t.arg.string({
        description: 'Only observations before this cursor. Error BAD_USER_INPUT for a cursor of another list.',
      }),
      asOf: t.arg(AS_OF),
    },
    complexity: ({ first, last }) => ({ field: 20, multiplier: last ?? first ?? PAGE.default }),
    resolve: async (_root, { filter, asOf, ...args }, { db }) => {
      const { place, size, backwards } = sliceOf(ORDERS.conflicts, args);
      const [periodEnd, slot] = (place ?? []) as [Date, string];
      const slice = { size, backwards, place: place === null ? null : { periodEnd, slot } };
      const page = await readConflicts(db, figureFilterOf(filter), slice, asOf ?? null);
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
