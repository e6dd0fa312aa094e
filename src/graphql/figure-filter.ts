import { rowIdOf } from '../domain/api-id.ts';
import type { FigureFilter as Filter } from '../domain/figure-filter.ts';
import { builder } from './builder.ts';
import { Metric, SubjectKind } from './enums.ts';

export const FigureFilter = builder.inputType('FigureFilter', {
  description: 'Which figures; what is not given does not restrict.',
  fields: (t) => ({
    subjects: t.stringList({ description: 'About these subjects, by slug.' }),
    metrics: t.field({ type: [Metric], description: 'Of these metrics.' }),
    periods: t.field({ type: ['Period'], description: 'Of exactly these periods.' }),
    sources: t.idList({ description: 'Of these sources, by id.' }),
    kinds: t.field({ type: [SubjectKind], description: 'About subjects of these kinds.' }),
    includeDescendants: t.boolean({
      defaultValue: true,
      description:
        "Also about everything below the subjects: a company's brands, a brand's models, an alliance's members.",
    }),
    currentOnly: t.boolean({
      defaultValue: true,
      description: 'Without figures that were restated or withdrawn. Subscriptions tell of those too.',
    }),
  }),
});

/** A filter as it is sent. */
export type SentFilter = (typeof FigureFilter)['$inferInput'] | null | undefined;

/** The domain's filter: the API's ids are rows there. */
export function figureFilterOf(filter: SentFilter): Filter {
  return { ...filter, sourceIds: filter?.sources?.map((id) => rowIdOf('Source', id)) };
}
