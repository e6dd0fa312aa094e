import { UNPUBLISHED, WITHOUT_VALUE } from '../domain/claims/figure-sorts.ts';
import type { Column, Order } from './keyset.ts';

/** Slugs are unique among all kinds and never change. */
const bySlug = (name: string): Order => ({ name, columns: [{ name: 'slug', is: 'text', direction: 'asc' }] });

const id = (direction: Column['direction']): Column => ({ name: 'id', is: 'integer', direction });
const day = (name: string, direction: Column['direction']): Column => ({ name, is: 'day', direction });

/** The order of every paged list. A cursor is valid in all lists of the same order. */
export const ORDERS = {
  brands: bySlug('brands'),
  companies: bySlug('companies'),
  alliances: bySlug('alliances'),
  models: bySlug('models'),
  plants: bySlug('plants'),
  markets: bySlug('markets'),
  sources: { name: 'sources', columns: [id('desc')] },
  targets: { name: 'targets', columns: [id('desc')] },
  contradictions: { name: 'contradictions', columns: [id('desc')] },
  contradictionsThen: {
    name: 'contradictions/then',
    columns: [day('periodEnd', 'desc'), { name: 'identity', is: 'text', direction: 'asc' }],
  },
  conflicts: {
    name: 'conflicts',
    columns: [day('periodEnd', 'desc'), { name: 'slot', is: 'text', direction: 'desc' }],
  },
} as const satisfies Record<string, Order>;

const recorded = (direction: Column['direction']): Column => ({ name: 'recordedAt', is: 'instant', direction });

/** The orders of figures. A figure whose source has no day of publication, or that has no value, comes last where it counts. */
export const FIGURE_ORDERS = {
  PERIOD_DESC: { name: 'figures', columns: [day('periodEnd', 'desc'), id('asc')] },
  PERIOD_ASC: { name: 'figures/earliest', columns: [day('periodEnd', 'asc'), id('asc')] },
  RECORDED_DESC: { name: 'figures/newest', columns: [recorded('desc'), id('desc')] },
  RECORDED_ASC: { name: 'figures/oldest', columns: [recorded('asc'), id('asc')] },
  PUBLISHED_DESC: {
    name: 'figures/published',
    columns: [{ ...day('publishedSort', 'desc'), none: UNPUBLISHED }, id('desc')],
  },
  VALUE_DESC: {
    name: 'figures/largest',
    columns: [{ name: 'valueSort', is: 'number', direction: 'desc', none: WITHOUT_VALUE }, id('asc')],
  },
} as const satisfies Record<string, Order>;

/** The orders of milestones. A milestone without a date or an elapsed time has the largest possible value instead. */
export const MILESTONE_ORDERS = {
  REACHED_ON_ASC: { name: 'milestones/earliest', columns: [day('sortOn', 'asc'), id('asc')], moves: true },
  REACHED_ON_DESC: { name: 'milestones/latest', columns: [day('sortOn', 'desc'), id('desc')], moves: true },
  ELAPSED_ASC: {
    name: 'milestones/quickest',
    columns: [{ name: 'elapsedSort', is: 'integer', direction: 'asc' }, id('asc')],
    moves: true,
  },
} as const satisfies Record<string, Order>;

const byRowThen = (direction: Column['direction']): readonly [Column, Column] => [
  { name: 'rowId', is: 'integer', direction },
  { name: 'tie', is: 'text', direction },
];

/** The same of milestones as known at an instant. Those of which there is no row now come after those equal to them. */
export const MILESTONE_ORDERS_THEN = {
  REACHED_ON_ASC: { name: 'milestones/earliest/then', columns: [day('sortOn', 'asc'), ...byRowThen('asc')] },
  REACHED_ON_DESC: { name: 'milestones/latest/then', columns: [day('sortOn', 'desc'), ...byRowThen('desc')] },
  ELAPSED_ASC: {
    name: 'milestones/quickest/then',
    columns: [{ name: 'elapsedSort', is: 'integer', direction: 'asc' }, ...byRowThen('asc')],
  },
} as const satisfies Record<keyof typeof MILESTONE_ORDERS, Order>;
