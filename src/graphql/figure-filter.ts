import type { FigureFilter as Filter } from '../domain/claims/figure-filter.ts';
import { builder } from './builder.ts';
import { Metric, SubjectKind } from './enums.ts';
import { rowIdOf } from './node-id.ts';

export const FigureFilter = builder.inputType('FigureFilter', {
  description: 'Selects figures. A field that is null or not given does not restrict the selection.',
  fields: (t) => ({
    subjects: t.stringList({
      description: 'Figures about these subjects, by slug. Error BAD_USER_INPUT for an unknown slug.',
    }),
    metrics: t.field({ type: [Metric], description: 'Figures of these metrics.' }),
    periods: t.field({
      type: ['Period'],
      description: 'Figures about exactly these periods. Error BAD_USER_INPUT if a text is not a period.',
    }),
    sources: t.idList({ description: 'Figures from these sources, by id. An unknown id selects nothing.' }),
    kinds: t.field({ type: [SubjectKind], description: 'Figures about subjects of these kinds.' }),
    includeDescendants: t.boolean({
      defaultValue: true,
      description:
        "Also figures about everything below these subjects: a company's brands, a brand's models, an alliance's members.",
    }),
    recordedSince: t.field({ type: 'DateTime', description: 'Figures recorded at this instant or later.' }),
    recordedUntil: t.field({ type: 'DateTime', description: 'Figures recorded before this instant.' }),
    publishedSince: t.field({
      type: 'Date',
      description:
        'Figures from sources published on this day or later. Sources without a known day are left out. Error BAD_USER_INPUT if the text is not a day.',
    }),
    publishedUntil: t.field({
      type: 'Date',
      description:
        'Figures from sources published on this day or earlier. Sources without a known day are left out. Error BAD_USER_INPUT if the text is not a day.',
    }),
    text: t.string({
      description:
        'Figures with this text in the title of the source, in `note` or in `attributedTo`, in upper or lower case. An empty text does not restrict. Error BAD_USER_INPUT for more than 200 characters.',
    }),
    currentOnly: t.boolean({
      defaultValue: true,
      description:
        'Only figures that were neither revised nor withdrawn; with `asOf`, not by then. If false, `asOf` selects all that were known by then. Subscriptions ignore this field and send every change.',
    }),
  }),
});

/** A filter as the client sends it. */
export type SentFilter = (typeof FigureFilter)['$inferInput'] | null | undefined;

/** The filter as the domain takes it, with rows instead of the API's ids. */
export function figureFilterOf(filter: SentFilter): Filter {
  return { ...filter, sourceIds: filter?.sources?.map((id) => rowIdOf('Source', id)) };
}
