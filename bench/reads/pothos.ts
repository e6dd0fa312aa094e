import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import { createYoga } from 'graphql-yoga';
import {
  type MilestoneKind,
  type MilestoneStatus,
  PrismaClient,
  type Subject,
} from '../../src/database/generated/client.ts';
import { boardOf, monthBefore } from './months.ts';
import { createTypes } from './pothos-types.ts';

/**
 * The same questions with Yoga, Pothos and Prisma as their documentation puts them together: a Prisma object for each table, `t.relation` and
 * `t.relatedConnection` below it, `findMany` and `findUnique` for the rest, which Prisma batches. Nothing is tuned, and every option has its default.
 */
export async function startPothos(connectionString: string): Promise<string> {
  const db = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });
  const server = createServer(createYoga({ schema: schemaOver(db) }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

function schemaOver(db: PrismaClient) {
  const { builder, FigureOrder, Leaderboard, MilestoneFilter, Series, seriesArgs } = createTypes(db);
  builder.queryType({
    fields: (t) => ({
      series: t.field({
        type: [Series],
        args: {
          subjects: t.arg.stringList({ required: true }),
          from: t.arg(seriesArgs.from),
          to: t.arg(seriesArgs.to),
        },
        resolve: async (_root, { subjects, from, to }) => {
          const found = await db.subject.findMany({ where: { slug: { in: subjects } } });
          const bySlug = new Map(found.map((subject) => [subject.slug, subject]));
          return subjects.map((slug) => ({ subject: bySlug.get(slug) as Subject, from, to }));
        },
      }),
      brand: t.prismaField({
        type: 'Subject',
        nullable: true,
        args: { slug: t.arg.string({ required: true }) },
        resolve: (query, _root, { slug }) => db.subject.findUnique({ ...query, where: { slug, kind: 'BRAND' } }),
      }),
      milestones: t.prismaConnection({
        type: 'Milestone',
        cursor: 'id',
        args: { filter: t.arg({ type: MilestoneFilter }) },
        totalCount: (_connection, { filter }) => db.milestone.count({ where: milestonesOf(filter) }),
        resolve: (query, _root, { filter }) =>
          db.milestone.findMany({ ...query, where: milestonesOf(filter), orderBy: [{ sortOn: 'asc' }, { id: 'asc' }] }),
      }),
      leaderboard: t.field({
        type: Leaderboard,
        args: { period: t.arg({ type: 'Period', required: true }) },
        resolve: async (_root, { period }) => {
          const of = (month: string) =>
            db.observation.findMany({
              where: { period: month, metric: 'DELIVERIES', withinId: null, subject: { kind: 'BRAND' } },
            });
          const [now, before] = await Promise.all([of(period), of(monthBefore(period))]);
          return { period, ...boardOf(now, before) };
        },
      }),
      figures: t.prismaConnection({
        type: 'Figure',
        cursor: 'id',
        args: { orderBy: t.arg({ type: FigureOrder, defaultValue: 'PERIOD_DESC' }) },
        resolve: (query, _root, { orderBy }) =>
          db.figure.findMany({
            ...query,
            where: { claimKey: { not: null } },
            orderBy:
              orderBy === 'RECORDED_DESC'
                ? [{ recordedAt: 'desc' }, { id: 'desc' }]
                : [{ periodEnd: 'desc' }, { id: 'asc' }],
          }),
      }),
    }),
  });
  return builder.toSchema();
}

interface FilterSent {
  readonly kinds?: readonly MilestoneKind[] | null | undefined;
  readonly threshold?: number | null | undefined;
  readonly statuses?: readonly MilestoneStatus[] | null | undefined;
}

function milestonesOf(filter: FilterSent | null | undefined) {
  return {
    ...(filter?.kinds == null ? {} : { kind: { in: [...filter.kinds] } }),
    ...(filter?.threshold == null ? {} : { threshold: filter.threshold }),
    ...(filter?.statuses == null ? {} : { status: { in: [...filter.statuses] } }),
  };
}
