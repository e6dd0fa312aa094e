import { type Conflict, type ConflictPart, conflictsAbout, readConflictsThen } from '../domain/boards/conflicts.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { COST_OF_ALL, COST_OF_RANKING } from './costs.ts';
import { FigureFilter, figureFilterOf } from './figure-filter.ts';
import { Observation } from './observation.ts';
import { ORDERS } from './orders.ts';
import { pageOf, pageOfAll, type Slice, sliceOf } from './page.ts';
import { checkPlace, PAGE } from './page-limits.ts';

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
    complexity: (args) => {
      const { first, last, asOf } = args;
      checkPlace(ORDERS.conflicts, args);
      const field = asOf == null ? COST_OF_RANKING : COST_OF_ALL;
      return { field, multiplier: last ?? first ?? PAGE.default };
    },
    resolve: async (_root, { filter, asOf, ...args }, { db }) => {
      const slice = sliceOf(ORDERS.conflicts, args);
      const selected = figureFilterOf(filter);
      if (asOf != null) return pageOfAll<Conflict>(slice, () => readConflictsThen(db, selected, asOf));
      const conflicts = await conflictsAbout(db, selected);
      const { backwards, size } = slice;
      const place = placeOf(slice);
      return pageOf<Conflict>(slice, {
        rows: () => conflicts.read({ backwards, place, size: size + 1 }),
        isAnyBefore: async () =>
          (await conflicts.read({ backwards: !backwards, place, isPlaceIn: true, size: 1 })).length > 0,
        totalCount: conflicts.count,
      });
    },
  }),
);

function placeOf({ place }: Slice): ConflictPart['place'] {
  if (place === null) return null;
  const [periodEnd, slot] = place as [Date, string];
  return { periodEnd, slot };
}
