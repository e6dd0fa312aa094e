import type {
  Agreement as AgreementName,
  ClaimRank as ClaimRankName,
  ContradictionKind as ContradictionKindName,
  Evidence as EvidenceName,
  FigureAction as FigureActionName,
  Metric as MetricName,
  MilestoneKind as MilestoneKindName,
  MilestoneStatus as MilestoneStatusName,
  Powertrain as PowertrainName,
  Qualifier as QualifierName,
  SubjectKind as SubjectKindName,
  TargetKind as TargetKindName,
} from '../database/generated/client.ts';
import { descriptionOf, METRICS, type Unit as UnitName } from '../domain/values/metric.ts';
import { builder } from './builder.ts';

type Meanings<Name extends string> = Record<Name, { readonly description: string }>;

export const SubjectKind = builder.enumType('SubjectKind', {
  description: 'The kind of a subject.',
  values: {
    BRAND: { description: 'A brand name under which vehicles are sold.' },
    COMPANY: { description: 'A carmaker, or a company that owns brands or other companies.' },
    ALLIANCE: { description: 'A group of brands of several companies.' },
    MODEL: { description: 'A model or model series of a brand.' },
    PLANT: { description: 'A plant that builds vehicles.' },
    MARKET: { description: 'A market, or a segment of a market by price, origin or region.' },
  } satisfies Meanings<SubjectKindName>,
});

export const Metric = builder.enumType('Metric', {
  description: 'What is counted. Metrics are never mixed: a million vehicles produced are not a million delivered.',
  values: Object.fromEntries(
    METRICS.map((metric) => [metric, { description: descriptionOf(metric) }]),
  ) as Meanings<MetricName>,
});

export const Unit = builder.enumType('Unit', {
  description: 'The base unit of a metric. All values of the metric are in this unit.',
  values: {
    VEHICLES: { description: 'Whole vehicles.' },
    CNY: { description: 'Chinese yuan.' },
    PERCENT: { description: 'Percent, 0 to 100.' },
    SWAPS: { description: 'Battery swaps.' },
    STATIONS: { description: 'Stations.' },
    COUNT: { description: 'A number of the things that the metric names.' },
  } satisfies Meanings<UnitName>,
});

export const Qualifier = builder.enumType('Qualifier', {
  description: 'How exactly a number is stated. The bounds follow from it.',
  values: {
    EXACT: { description: 'Exactly the number.' },
    ABOUT: {
      description:
        'About the number. The bounds are half of the place value of its last significant digit below and above: about 410,000 is 405,000 to 415,000.',
    },
    OVER: { description: 'The number or more.' },
    UNDER: { description: 'The number or less, at least 0.' },
    BETWEEN: { description: 'Between `lower` and `upper`, both included.' },
  } satisfies Meanings<QualifierName>,
});

export const Agreement = builder.enumType('Agreement', {
  description: 'Whether the claims about the same thing agree.',
  values: {
    SOLE: { description: 'Only one claim counts.' },
    AGREES: { description: 'All claims can be true together.' },
    CONFLICTS: { description: 'At least one claim contradicts another one, or was set aside.' },
  } satisfies Meanings<AgreementName>,
});

export const ClaimRank = builder.enumType('ClaimRank', {
  description: 'The rank that the editors give a claim.',
  values: {
    PREFERRED: { description: 'The claim counts, and claims of rank NORMAL about the same thing do not.' },
    NORMAL: { description: 'The claim counts.' },
    DEPRECATED: { description: 'The claim is kept and shown, but never counts.' },
  } satisfies Meanings<ClaimRankName>,
});

export const FigureAction = builder.enumType('FigureAction', {
  description: 'What happened to a figure.',
  values: {
    RECORDED: { description: 'It was recorded.' },
    REVISED: { description: 'It was recorded as the revision of an earlier figure.' },
    WITHDRAWN: { description: 'It was withdrawn.' },
    RANKED: { description: 'Its rank was changed.' },
  } satisfies Meanings<FigureActionName>,
});

export const MilestoneKind = builder.enumType('MilestoneKind', {
  description: 'The kind of a milestone.',
  values: {
    UNITS: { description: 'A metric reached a number, such as the millionth vehicle.' },
    LAUNCH: { description: 'A brand or model was launched.' },
    FIRST_DELIVERY: { description: 'The first vehicle was delivered.' },
    FIRST_PROFIT: { description: 'The first period with a profit.' },
    RANKING: { description: 'A rank in a ranking.' },
    RECORD: { description: 'The best value so far.' },
    OTHER: { description: 'Anything else.' },
  } satisfies Meanings<MilestoneKindName>,
});

export const TargetKind = builder.enumType('TargetKind', {
  description: 'Who sets a target, and how.',
  values: {
    TARGET: { description: 'What the maker aims at.' },
    GUIDANCE: { description: 'What the maker tells investors to expect.' },
    FORECAST: { description: 'What others expect.' },
  } satisfies Meanings<TargetKindName>,
});

export const MilestoneStatus = builder.enumType('MilestoneStatus', {
  description: 'What sources and figures together say about a milestone.',
  values: {
    ANNOUNCED: { description: 'A source reports it. The figures neither confirm nor contradict it.' },
    DETECTED: { description: 'The figures show it. No claim that counts reports it.' },
    CONFIRMED: { description: 'A source reports it, and the figures confirm it, on a day that they allow.' },
    DISPUTED: {
      description:
        'A source reports it, but the figures contradict it or its day, or the editors deprecated all claims.',
    },
    WITHDRAWN: {
      description:
        'It was detected, but after a correction the figures no longer show it, or nobody announced it and its number is no longer one at which milestones are detected.',
    },
    EXPECTED: { description: 'A source expects it, and the figures do not show it yet.' },
  } satisfies Meanings<MilestoneStatusName>,
});

export const Powertrain = builder.enumType('Powertrain', {
  description: 'The powertrain of a vehicle.',
  values: {
    BEV: { description: 'Battery electric.' },
    EREV: { description: 'Battery electric with a range extender.' },
    PHEV: { description: 'Plug-in hybrid.' },
    ICE: { description: 'Combustion engine only.' },
  } satisfies Meanings<PowertrainName>,
});

export const Method = builder.enumType('Method', {
  description: 'How a value is obtained.',
  values: {
    ASSERTED: { description: 'It is stated by the best claim.' },
    DERIVED: { description: 'It follows from claims about other periods, parts or wholes.' },
  },
});

export const Evidence = builder.enumType('Evidence', {
  description: 'What decided between the claims about the same thing.',
  values: {
    ONLY: { description: 'Nothing else is claimed.' },
    EDITOR: { description: 'The editors preferred or deprecated claims.' },
    SUMS: {
      description:
        "It fits other periods, parts and wholes, another count of the same vehicles, or the source's own percentage.",
    },
    ORIGINS: { description: 'More independent origins state it.' },
    TIER: { description: 'A publisher closer to the maker states it.' },
    PRECISION: { description: 'It is more precise.' },
    CLOSENESS: { description: 'It was published closer to the end of the period. No evidence decides.' },
    NONE: { description: 'No evidence decides.' },
  } satisfies Meanings<EvidenceName>,
});

export const ContradictionKind = builder.enumType('ContradictionKind', {
  description: 'What contradicts what.',
  values: {
    SAME_PERIOD: { description: 'Claims about the same period.' },
    SUM: { description: 'Periods and what they add up to.' },
    TO_DATE: { description: 'Totals to date, each other or with the periods between them.' },
    WHOLE_AND_PARTS: { description: 'A company, an alliance or a brand, and its parts.' },
    BEFORE_FIRST: { description: 'A value before the first delivery, or before the launch.' },
    METRICS: { description: 'Two metrics, such as more delivered than produced.' },
    MILESTONE: { description: 'An announced milestone and the figures.' },
  } satisfies Meanings<ContradictionKindName>,
});

export const Granularity = builder.enumType('Granularity', {
  description: 'The length of the periods of a series.',
  values: {
    WEEK: { description: 'ISO weeks. They are not parts of months.' },
    MONTH: { description: 'Calendar months.' },
    QUARTER: { description: 'Calendar quarters.' },
    HALF: { description: 'Calendar halves: January to June, July to December.' },
    YEAR: { description: 'Calendar years.' },
    YEAR_TO_DATE: {
      description:
        'For each month, the days from 1 January of its year to its end. Each has its shortest name: 2025-01, 2025-01/2025-02, 2025-Q1 and so on to 2025.',
    },
  },
});

export const Comparison = builder.enumType('Comparison', {
  description: 'The period with which a value is compared.',
  values: {
    PREVIOUS: { description: 'The period of the same length right before.' },
    YEAR_AGO: { description: 'The same period one year earlier.' },
  },
});
