import type {
  Agreement as AgreementName,
  ClaimRank as ClaimRankName,
  FigureAction as FigureActionName,
  Metric as MetricName,
  MilestoneKind as MilestoneKindName,
  MilestoneStatus as MilestoneStatusName,
  Powertrain as PowertrainName,
  Qualifier as QualifierName,
  SubjectKind as SubjectKindName,
} from '../database/generated/client.ts';
import type { Unit as UnitName } from '../domain/metric.ts';
import { builder } from './builder.ts';

type Meanings<Name extends string> = Record<Name, { readonly description: string }>;

export const SubjectKind = builder.enumType('SubjectKind', {
  description: 'What a figure can be about.',
  values: {
    BRAND: { description: 'A marque that vehicles are sold under.' },
    COMPANY: { description: 'A carmaker or a company behind one.' },
    ALLIANCE: { description: 'Brands of several companies under one roof.' },
    MODEL: { description: 'A model or model series of a brand.' },
    PLANT: { description: 'A plant where vehicles are built.' },
    MARKET: { description: 'A market, or a segment of one by price, origin or place.' },
  } satisfies Meanings<SubjectKindName>,
});

export const Metric = builder.enumType('Metric', {
  description: 'What is counted. Metrics are never mixed: producing a million is not delivering a million.',
  values: {
    DELIVERIES: { description: 'Vehicles handed over to customers.' },
    PRODUCTION: { description: 'Vehicles that left the line.' },
    SALES: { description: 'Vehicles sold, as the source words it.' },
    WHOLESALE: { description: 'Vehicles from the factory to dealers or export.' },
    RETAIL: { description: 'Vehicles sold to end customers.' },
    REGISTRATIONS: { description: 'Vehicles registered or insured for the first time.' },
    EXPORTS: { description: 'Vehicles exported from China.' },
    MARKET_SHARE: { description: 'Share of the market named in `within`, in percent.' },
    REVENUE: { description: 'Revenue of the period, in CNY.' },
    RND_SPEND: { description: 'Spending on research and development, in CNY.' },
    BATTERY_SWAPS: { description: 'Battery swaps carried out.' },
    CHARGING_STATIONS: { description: 'Charging stations run.' },
    SWAP_STATIONS: { description: 'Battery-swap stations run.' },
    COUNTRIES: { description: 'Countries and regions entered.' },
    SALES_OUTLETS: { description: 'Sales outlets.' },
    ASSEMBLY_PLANTS: { description: 'Assembly plants.' },
    LOGISTICS_HUBS: { description: 'Logistics hubs.' },
    SUPPLIERS: { description: 'Supplier companies.' },
  } satisfies Meanings<MetricName>,
});

export const Unit = builder.enumType('Unit', {
  description: 'The base unit that values of a metric are given in.',
  values: {
    VEHICLES: { description: 'Whole vehicles.' },
    CNY: { description: 'Chinese yuan.' },
    PERCENT: { description: 'Percent, 0 to 100.' },
    SWAPS: { description: 'Battery swaps.' },
    STATIONS: { description: 'Stations.' },
    COUNT: { description: 'Things of the kind the metric names.' },
  } satisfies Meanings<UnitName>,
});

export const Qualifier = builder.enumType('Qualifier', {
  description: 'How exactly a number was said, which gives its bounds.',
  values: {
    EXACT: { description: 'The number itself.' },
    ABOUT: {
      description:
        'The number, give or take half of the place of its last significant digit: about 410,000 is 405,000 to 415,000.',
    },
    OVER: { description: 'The number or more.' },
    UNDER: { description: 'The number or less, not below 0.' },
    BETWEEN: { description: 'Between lower and upper.' },
  } satisfies Meanings<QualifierName>,
});

export const Agreement = builder.enumType('Agreement', {
  description: 'Whether the claims about one thing agree.',
  values: {
    SOLE: { description: 'Only one claim counts.' },
    AGREES: { description: 'The bounds of all claims overlap those of the best.' },
    CONFLICTS: { description: 'At least one claim cannot be true together with the best.' },
  } satisfies Meanings<AgreementName>,
});

export const ClaimRank = builder.enumType('ClaimRank', {
  description: 'How much weight the editors give a claim.',
  values: {
    PREFERRED: { description: 'Stands alone before all others.' },
    NORMAL: { description: 'Counts as usual.' },
    DEPRECATED: { description: 'Kept, shown, and never counted.' },
  } satisfies Meanings<ClaimRankName>,
});

export const FigureAction = builder.enumType('FigureAction', {
  description: 'What happened to a figure.',
  values: {
    RECORDED: { description: 'It was recorded.' },
    REVISED: { description: 'It was recorded as the restatement of an earlier one.' },
    WITHDRAWN: { description: 'It was taken back.' },
    RANKED: { description: 'Its rank was changed.' },
  } satisfies Meanings<FigureActionName>,
});

export const MilestoneKind = builder.enumType('MilestoneKind', {
  description: 'What kind of milestone it is.',
  values: {
    UNITS: { description: 'A number of a metric was reached: the millionth car.' },
    LAUNCH: { description: 'A brand or model was launched.' },
    FIRST_DELIVERY: { description: 'The first vehicle was handed over.' },
    FIRST_PROFIT: { description: 'The first profitable period.' },
    RANKING: { description: 'A place in a ranking.' },
    RECORD: { description: 'A best of its kind so far.' },
    OTHER: { description: 'Anything else.' },
  } satisfies Meanings<MilestoneKindName>,
});

export const MilestoneStatus = builder.enumType('MilestoneStatus', {
  description: 'How a milestone is known.',
  values: {
    ANNOUNCED: { description: 'A source said so.' },
    DETECTED: { description: 'The figures say so.' },
    CONFIRMED: { description: 'A source and the figures say so.' },
    DISPUTED: { description: 'It was announced, and the figures or the editors say otherwise.' },
    WITHDRAWN: { description: 'It was detected, and a correction took it back.' },
    EXPECTED: { description: 'A source expects it.' },
  } satisfies Meanings<MilestoneStatusName>,
});

export const Powertrain = builder.enumType('Powertrain', {
  description: 'What drives a vehicle.',
  values: {
    BEV: { description: 'Battery alone.' },
    EREV: { description: 'Battery with a range extender.' },
    PHEV: { description: 'Plug-in hybrid.' },
    ICE: { description: 'Combustion engine alone.' },
  } satisfies Meanings<PowertrainName>,
});

export const Method = builder.enumType('Method', {
  description: 'Where a value comes from.',
  values: {
    ASSERTED: { description: 'It is the best claim.' },
    DERIVED: { description: 'It is summed from parts.' },
  },
});

export const Granularity = builder.enumType('Granularity', {
  description: 'A length of periods.',
  values: {
    WEEK: { description: 'ISO weeks, which belong to no month.' },
    MONTH: { description: 'Calendar months.' },
    QUARTER: { description: 'Calendar quarters.' },
    YEAR: { description: 'Calendar years.' },
  },
});

export const Comparison = builder.enumType('Comparison', {
  description: 'What a change is measured against.',
  values: {
    PREVIOUS: { description: 'The period of the same length before.' },
    YEAR_AGO: { description: 'The same period a year before.' },
  },
});
