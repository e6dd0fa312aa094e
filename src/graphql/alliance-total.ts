import { readAllianceTotal, type TotalOf } from '../domain/alliance-total.ts';
import { requirePeriod } from '../domain/observation-query.ts';
import { builder } from './builder.ts';
import { Method, Metric, Qualifier } from './enums.ts';
import { Alliance } from './node.ts';
import { Observation } from './observation.ts';

const Basis = builder.enumType('Basis', {
  description: 'Which vehicles of its members count for an alliance.',
  values: {
    AS_MEMBERS: { description: 'Those of months on whose last day the brand was a member.' },
    FULL_HISTORY: { description: "All of today's members, also from before they joined, as the press counts." },
  },
});

const AllianceTotal = builder.objectRef<TotalOf>('AllianceTotal').implement({
  description: 'What an alliance amounts to, with its coverage.',
  fields: (t) => ({
    value: t.exposeFloat('value', {
      nullable: true,
      description: "The sum of what is known, in the metric's unit; null where nothing is.",
    }),
    lower: t.exposeFloat('lower', { nullable: true, description: 'The lowest value possible.' }),
    upper: t.exposeFloat('upper', {
      nullable: true,
      description: 'The highest value possible; null while a member is missing.',
    }),
    qualifier: t.expose('qualifier', {
      type: Qualifier,
      nullable: true,
      description: 'How exactly it is known; OVER while a member is missing.',
    }),
    method: t.expose('method', {
      type: Method,
      description: 'ASSERTED where a source states the total itself, else summed from members.',
    }),
    basis: t.expose('basis', { type: Basis, description: 'Which vehicles count.' }),
    membersWithData: t.exposeInt('membersWithData', { description: 'Of how many members anything is known.' }),
    memberCount: t.exposeInt('memberCount', { description: 'How many members count in the period.' }),
    missing: t.field({
      type: ['Period'],
      description: 'The periods that are not known of one member or another.',
      resolve: ({ missing }) => missing.map(({ text }) => text),
    }),
    parts: t.field({
      type: [Observation],
      description: 'What is known of the members.',
      resolve: ({ parts }) => [...parts],
    }),
  }),
});

builder.prismaObjectField(Alliance, 'total', (t) =>
  t.field({
    type: AllianceTotal,
    description: 'The sum of its members in a period, or what a source states.',
    args: {
      metric: t.arg({ type: Metric, required: true, defaultValue: 'DELIVERIES', description: 'What is counted.' }),
      period: t.arg({ type: 'Period', required: true, description: 'The span of days.' }),
      basis: t.arg({ type: Basis, required: true, defaultValue: 'AS_MEMBERS', description: 'Which vehicles count.' }),
      asOf: t.arg({ type: 'DateTime', description: 'What was known at that instant; what is known now if not given.' }),
    },
    complexity: 20,
    resolve: ({ id }, { metric, period, basis, asOf }, { db }) =>
      readAllianceTotal(db, { allianceId: id, metric, period: requirePeriod(period), basis, asOf: asOf ?? null }),
  }),
);
