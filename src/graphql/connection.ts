import { builder } from './builder.ts';
import {
  Alliance,
  Brand,
  Company,
  Contradiction,
  Figure,
  Market,
  Milestone,
  Model,
  Plant,
  Source,
  Target,
} from './node.ts';

/** The total count of a connection: read with the parent's row, or counted when the field is asked for. */
interface Counted {
  readonly totalCount?: number | (() => number | Promise<number>) | null;
}

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'The number of items on all pages.',
    resolve: (connection) => {
      const { totalCount } = connection as Counted;
      return (typeof totalCount === 'function' ? totalCount() : totalCount) ?? 0;
    },
  }),
);

// There is one connection type for each item type, wherever it is paged through.

export const BrandPages = subjectPages(Brand, 'Brand');
export const CompanyPages = subjectPages(Company, 'Company');
export const AlliancePages = subjectPages(Alliance, 'Alliance');
export const ModelPages = subjectPages(Model, 'Model');
export const PlantPages = subjectPages(Plant, 'Plant');
export const MarketPages = subjectPages(Market, 'Market');

// These are written out, because inside a generic function Pothos cannot infer the item type of the pages.

const sourceEdge = builder.edgeObject({ type: Source, name: 'SourceEdge' });
export const SourcePages = [
  builder.connectionObject({ type: Source, name: 'SourceConnection' }, sourceEdge),
  sourceEdge,
] as const;

const figureEdge = builder.edgeObject({ type: Figure, name: 'FigureEdge' });
export const FigurePages = [
  builder.connectionObject({ type: Figure, name: 'FigureConnection' }, figureEdge),
  figureEdge,
] as const;

const milestoneEdge = builder.edgeObject({ type: Milestone, name: 'MilestoneEdge' });
export const MilestonePages = [
  builder.connectionObject({ type: Milestone, name: 'MilestoneConnection' }, milestoneEdge),
  milestoneEdge,
] as const;

const targetEdge = builder.edgeObject({ type: Target, name: 'TargetEdge' });
export const TargetPages = [
  builder.connectionObject({ type: Target, name: 'TargetConnection' }, targetEdge),
  targetEdge,
] as const;

const contradictionEdge = builder.edgeObject({ type: Contradiction, name: 'ContradictionEdge' });
export const ContradictionPages = [
  builder.connectionObject({ type: Contradiction, name: 'ContradictionConnection' }, contradictionEdge),
  contradictionEdge,
] as const;

/** In TypeScript the GraphQL types of all kinds of subject have the same type, so the brand's is used here. */
function subjectPages(type: typeof Brand, name: string) {
  const edge = builder.edgeObject({ type, name: `${name}Edge` });
  return [builder.connectionObject({ type, name: `${name}Connection` }, edge), edge] as const;
}
