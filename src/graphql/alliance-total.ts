import { readAllianceTotal, type TotalData } from '../domain/boards/alliance-total.ts';
import { requirePeriod } from '../domain/boards/series.ts';
import { AS_OF, METRIC, PERIOD } from './arguments.ts';
import { builder } from './builder.ts';
import { type AskedValue, COST_OF_RANKING, workedOut } from './costs.ts';
import { Method, Qualifier } from './enums.ts';
import { Alliance } from './node.ts';
import { Observation } from './observation.ts';

const Basis = builder.enumType('Basis', {
  description: 'Which vehicles of its members count for an alliance.',
  values: {
    AS_MEMBERS: { description: 'A month of a brand counts if the brand was a member on the last day of the month.' },
    FULL_HISTORY: {
      description:
        "The whole history of today's members counts, also from before they joined. The press counts this way.",
    },
  },
});

const AllianceTotal = builder.objectRef<TotalData>('AllianceTotal').implement({
  description: 'The total of an alliance in a period, with its coverage.',
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: true,
      description:
        'The total, in the unit of the metric. Null if only bounds or nothing are known, as of a sum while data of a member is missing.',
    }),
    lower: t.exposeFloat('lower', {
      nullable: true,
      description: 'The lowest possible total, in the unit of the metric. Null: not known.',
    }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description:
        'The highest possible total, in the unit of the metric. Null: not bounded. A sum is not bounded while data of a member is missing.',
    }),
    qualifier: t.expose('qualifier', {
      type: Qualifier,
      nullable: true,
      description:
        'How exactly the total is known. A sum is OVER while data of a member is missing. Null if nothing is known.',
    }),
    method: t.expose('method', {
      type: Method,
      description:
        'ASSERTED if a source states the total itself, DERIVED if it follows from other periods or from the members.',
    }),
    basis: t.expose('basis', { type: Basis, description: 'Which vehicles count.' }),
    membersWithData: t.exposeInt('membersWithData', { description: 'The number of members with data in the period.' }),
    memberCount: t.exposeInt('memberCount', { description: 'The number of members that count in the period.' }),
    missing: t.field({
      type: ['Period'],
      description:
        'The periods in which the data of at least one member is missing. All years before the first known one are one period, and all after the last.',
      resolve: ({ missing }) => missing.map(({ text }) => text),
    }),
    parts: t.field({
      type: [Observation],
      description: 'The observations of the members.',
      resolve: ({ parts }) => [...parts],
    }),
  }),
});

builder.prismaObjectField(Alliance, 'total', (t) =>
  t.field({
    type: AllianceTotal,
    description:
      'The total of the alliance in a period: the value a source states, otherwise what follows from other periods and from its members. With `asOf` the memberships are those of now.',
    args: {
      metric: t.arg(METRIC),
      period: t.arg(PERIOD),
      basis: t.arg({ type: Basis, required: true, defaultValue: 'AS_MEMBERS', description: 'Which vehicles count.' }),
      asOf: t.arg(AS_OF),
    },
    complexity: COST_OF_RANKING,
    // Its parts are worked out from the claims each time.
    extensions: { worksOut: ({ metric, asOf }: AskedValue) => workedOut(1, [metric], asOf ?? 'now') },
    resolve: ({ id }, { metric, period, basis, asOf }, { db }) =>
      readAllianceTotal(db, { allianceId: id, metric, period: requirePeriod(period), basis, asOf: asOf ?? null }),
  }),
);
