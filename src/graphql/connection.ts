import { builder } from './builder.ts';
import { Alliance, Brand, Company, Figure, Market, Milestone, Model, Plant, Source, Target } from './node.ts';

/** What is counted of a connection: known with the parent's row, or asked when it is wanted. */
interface Counted {
  readonly totalCount?: number | (() => number | Promise<number>) | null;
}

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many items there are on all pages.',
    resolve: (connection) => {
      const { totalCount } = connection as Counted;
      return (typeof totalCount === 'function' ? totalCount() : totalCount) ?? 0;
    },
  }),
);

// One connection type for each type, wherever it is paged through. Written out, since Pothos infers a page from the very type it is of.

const brandEdge = builder.edgeObject({ type: Brand, name: 'BrandEdge' });
export const BrandPages = [
  builder.connectionObject({ type: Brand, name: 'BrandConnection' }, brandEdge),
  brandEdge,
] as const;

const companyEdge = builder.edgeObject({ type: Company, name: 'CompanyEdge' });
export const CompanyPages = [
  builder.connectionObject({ type: Company, name: 'CompanyConnection' }, companyEdge),
  companyEdge,
] as const;

const allianceEdge = builder.edgeObject({ type: Alliance, name: 'AllianceEdge' });
export const AlliancePages = [
  builder.connectionObject({ type: Alliance, name: 'AllianceConnection' }, allianceEdge),
  allianceEdge,
] as const;

const modelEdge = builder.edgeObject({ type: Model, name: 'ModelEdge' });
export const ModelPages = [
  builder.connectionObject({ type: Model, name: 'ModelConnection' }, modelEdge),
  modelEdge,
] as const;

const plantEdge = builder.edgeObject({ type: Plant, name: 'PlantEdge' });
export const PlantPages = [
  builder.connectionObject({ type: Plant, name: 'PlantConnection' }, plantEdge),
  plantEdge,
] as const;

const marketEdge = builder.edgeObject({ type: Market, name: 'MarketEdge' });
export const MarketPages = [
  builder.connectionObject({ type: Market, name: 'MarketConnection' }, marketEdge),
  marketEdge,
] as const;

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
