import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import {
  Metric as Metrics,
  MilestoneKind as MilestoneKinds,
  MilestoneStatus as MilestoneStatuses,
  type Observation as ObservationRow,
  type PrismaClient,
  Qualifier as Qualifiers,
  type Subject as SubjectRow,
} from '../../src/database/generated/client.ts';
import type PrismaTypes from '../../src/database/generated/pothos.ts';
import { getDatamodel } from '../../src/database/generated/pothos.ts';
import { type BoardEntry, sameMonthYearBefore, spanOf } from './months.ts';

interface SeriesOf {
  readonly subject: SubjectRow;
  readonly from: string;
  readonly to: string;
}

interface Text {
  Input: string;
  Output: string;
}

/** A schema builder with the types, and what the queries name of them. */
export function createTypes(db: PrismaClient) {
  const builder = new SchemaBuilder<{
    PrismaTypes: PrismaTypes;
    Scalars: {
      PartialDate: Text;
      Period: Text;
      Date: { Input: Date; Output: Date };
      DateTime: { Input: Date; Output: Date };
    };
    DefaultFieldNullability: false;
  }>({
    plugins: [PrismaPlugin, RelayPlugin],
    defaultFieldNullability: false,
    prisma: { client: db, dmmf: getDatamodel() },
    relay: { nodesOnConnection: true },
    // The product's plugins make the types ask for it; this builder has no such plugin.
    scopeAuth: { authScopes: () => ({}) },
  });

  for (const name of ['PartialDate', 'Period'] as const) builder.scalarType(name, { serialize: (text) => text });
  builder.scalarType('Date', { serialize: (day) => day.toISOString().slice(0, 10) });
  builder.scalarType('DateTime', { serialize: (instant) => instant.toISOString() });
  const Metric = builder.enumType(Metrics, { name: 'Metric' });
  const Qualifier = builder.enumType(Qualifiers, { name: 'Qualifier' });
  const MilestoneKind = builder.enumType(MilestoneKinds, { name: 'MilestoneKind' });
  const MilestoneStatus = builder.enumType(MilestoneStatuses, { name: 'MilestoneStatus' });
  const Comparison = builder.enumType('Comparison', { values: ['YEAR_AGO'] as const });
  const FigureOrder = builder.enumType('FigureOrder', { values: ['PERIOD_DESC', 'RECORDED_DESC'] as const });

  builder.prismaObject('Publisher', {
    fields: (t) => ({ name: t.exposeString('name'), tier: t.exposeInt('tier') }),
  });
  builder.prismaObject('Source', {
    fields: (t) => ({
      title: t.exposeString('title'),
      url: t.exposeString('url', { nullable: true }),
      publishedOn: t.expose('publishedOn', { type: 'Date', nullable: true }),
      publisher: t.relation('publisher'),
    }),
  });
  builder.prismaObject('Figure', {
    fields: (t) => ({
      metric: t.expose('metric', { type: Metric }),
      period: t.expose('period', { type: 'Period' }),
      value: t.exposeFloat('value', { nullable: true }),
      qualifier: t.expose('qualifier', { type: Qualifier }),
      recordedAt: t.expose('recordedAt', { type: 'DateTime' }),
      subject: t.relation('subject'),
      source: t.relation('source'),
    }),
  });
  builder.prismaObject('MilestoneClaim', {
    fields: (t) => ({
      on: t.expose('on', { type: 'PartialDate', nullable: true }),
      note: t.exposeString('note', { nullable: true }),
      source: t.relation('source'),
    }),
  });
  builder.prismaObject('Milestone', {
    fields: (t) => ({
      subject: t.relation('subject'),
      metric: t.expose('metric', { type: Metric, nullable: true }),
      title: t.exposeString('title'),
      reachedOn: t.expose('reachedOn', { type: 'PartialDate', nullable: true }),
      status: t.expose('status', { type: MilestoneStatus }),
      claims: t.relation('claims', { query: { orderBy: { id: 'asc' } } }),
    }),
  });

  const Growth = builder.objectRef<{ readonly percent: number }>('Growth').implement({
    fields: (t) => ({ percent: t.exposeFloat('percent') }),
  });
  builder.prismaObject('Observation', {
    fields: (t) => ({
      period: t.expose('period', { type: 'Period' }),
      value: t.exposeFloat('value', { nullable: true }),
      lower: t.exposeFloat('lower', { nullable: true }),
      upper: t.exposeFloat('upper', { nullable: true }),
      qualifier: t.expose('qualifier', { type: Qualifier }),
      change: t.field({
        type: Growth,
        nullable: true,
        args: { over: t.arg({ type: Comparison, required: true }) },
        resolve: async ({ value, subjectId, metric, period }) => {
          const slot = [subjectId, metric, sameMonthYearBefore(period), ''].join('|');
          const base = (await db.observation.findUnique({ where: { slot } }))?.value;
          return value === null || base == null || base === 0 ? null : { percent: ((value - base) * 100) / base };
        },
      }),
    }),
  });

  const Series = builder.objectRef<SeriesOf>('Series').implement({
    fields: (t) => ({
      subject: t.prismaField({
        type: 'Subject',
        resolve: (query, { subject }) => db.subject.findUniqueOrThrow({ ...query, where: { id: subject.id } }),
      }),
      observations: t.prismaField({
        type: ['Observation'],
        resolve: (query, { subject, from, to }) =>
          db.observation.findMany({
            ...query,
            where: {
              ...{ subjectId: subject.id, metric: 'DELIVERIES', kind: 'MONTH', withinId: null },
              periodEnd: spanOf(from, to),
              OR: [{ value: { not: null } }, { lower: { gt: 0 } }],
            },
            orderBy: { periodEnd: 'asc' },
          }),
      }),
    }),
  });
  const seriesArgs = {
    from: { type: 'PartialDate', required: true },
    to: { type: 'PartialDate', required: true },
  } as const;

  builder.prismaObject('Subject', {
    fields: (t) => ({
      slug: t.exposeString('slug'),
      name: t.exposeString('name'),
      nameZh: t.exposeString('nameZh', { nullable: true }),
      firstDeliveryOn: t.expose('firstDeliveryOn', { type: 'PartialDate', nullable: true }),
      company: t.relation('parent', { nullable: true }),
      series: t.field({
        type: Series,
        args: { from: t.arg(seriesArgs.from), to: t.arg(seriesArgs.to) },
        resolve: (subject, { from, to }) => ({ subject, from, to }),
      }),
      figures: t.relatedConnection('figures', {
        cursor: 'id',
        query: { where: { claimKey: { not: null } }, orderBy: [{ periodEnd: 'desc' }, { id: 'asc' }] },
      }),
      milestones: t.relatedConnection('milestones', {
        cursor: 'id',
        query: { where: { status: { not: 'WITHDRAWN' } }, orderBy: [{ sortOn: 'asc' }, { id: 'asc' }] },
      }),
    }),
  });

  const Entry = builder.objectRef<BoardEntry & { observation: ObservationRow }>('LeaderboardEntry').implement({
    fields: (t) => ({
      rank: t.exposeInt('rank'),
      previousRank: t.exposeInt('previousRank', { nullable: true }),
      share: t.exposeFloat('share'),
      subject: t.prismaField({
        type: 'Subject',
        resolve: (query, { observation: { subjectId } }) =>
          db.subject.findUniqueOrThrow({ ...query, where: { id: subjectId } }),
      }),
      observation: t.prismaField({ type: 'Observation', resolve: (_query, { observation }) => observation }),
    }),
  });
  const Leaderboard = builder
    .objectRef<{ period: string; total: number; entries: (BoardEntry & { observation: ObservationRow })[] }>(
      'Leaderboard',
    )
    .implement({
      fields: (t) => ({
        period: t.expose('period', { type: 'Period' }),
        total: t.exposeFloat('total'),
        entries: t.field({ type: [Entry], resolve: ({ entries }) => entries }),
      }),
    });
  const MilestoneFilter = builder.inputType('MilestoneFilter', {
    fields: (t) => ({
      kinds: t.field({ type: [MilestoneKind] }),
      threshold: t.float(),
      statuses: t.field({ type: [MilestoneStatus] }),
    }),
  });
  return { builder, FigureOrder, Leaderboard, MilestoneFilter, Series, seriesArgs };
}
