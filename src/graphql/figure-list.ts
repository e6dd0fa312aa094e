import { figuresMatching } from '../domain/claims/figure-filter.ts';
import { AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { FigureFilter, figureFilterOf, type SentFilter } from './figure-filter.ts';
import { FIGURE_ORDERS } from './orders.ts';

const FigureOrder = builder.enumType('FigureOrder', {
  description: 'The order of figures. Figures that are equal in it are in the order in which they were recorded.',
  values: {
    PERIOD_DESC: { description: 'By the last day of the period, newest first.' },
    PERIOD_ASC: { description: 'By the last day of the period, earliest first.' },
    RECORDED_DESC: { description: 'By `recordedAt`, newest first; equal ones the last recorded first.' },
    RECORDED_ASC: { description: 'By `recordedAt`, earliest first.' },
    PUBLISHED_DESC: {
      description:
        'By the day on which the source was published, newest first; equal ones the last recorded first. Figures of sources without a known day come last.',
    },
    VALUE_DESC: {
      description:
        'By `value`, largest first, whatever the unit: filter by `metrics`. Figures without a value come last, also those with bounds alone.',
    },
  },
});

interface ListArgs {
  readonly filter?: SentFilter;
  readonly orderBy?: keyof typeof FIGURE_ORDERS | null | undefined;
  readonly asOf?: Date | null | undefined;
}

/** The order and the rows of every list of figures with a filter. */
export const FIGURE_LIST = {
  order: ({ orderBy }: ListArgs) => FIGURE_ORDERS[orderBy ?? 'PERIOD_DESC'],
  where: ({ filter, asOf }: ListArgs, { db }: Context) => figuresMatching(db, figureFilterOf(filter), asOf ?? null),
};

/** The arguments of such a list. */
export const FIGURE_LIST_ARGS = {
  filter: { type: FigureFilter, description: 'Selects figures.' },
  orderBy: { type: FigureOrder, defaultValue: 'PERIOD_DESC', description: 'The order of the figures.' },
  asOf: {
    ...AS_OF,
    description: `${AS_OF.description} It selects the figures; their fields are those of now, also \`rank\`, \`knownUntil\` and \`revisedBy\`.`,
  },
} as const;
