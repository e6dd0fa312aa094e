import { isMemberOn } from '../domain/alliance.ts';
import { dayOf } from '../domain/calendar.ts';
import { requireDay } from '../domain/observation-query.ts';
import { builder } from './builder.ts';
import { BrandPages, ModelPages } from './connection.ts';
import { Alliance, Brand, Company, Model, Subject } from './node.ts';
import { ORDERS } from './orders.ts';
import { listBelow, listOf } from './paging.ts';

builder.prismaObjectFields(Brand, (t) => ({
  company: t.relation('parent', { type: Company, nullable: true, description: 'The company behind it.' }),
  parent: t.relation('parent', { type: Subject, nullable: true, description: 'The subject above it.' }),
  models: t.connection(
    {
      type: Model,
      description: 'Its models, by slug.',
      ...listBelow('Subject', 'children', { order: ORDERS.models, where: () => ({ kind: 'MODEL' }) }),
    },
    ...ModelPages,
  ),
  alliance: t.field({
    type: Alliance,
    nullable: true,
    description: 'The alliance it belonged to on a day.',
    args: { on: t.arg({ type: 'Date', description: 'The day; today in Asia/Shanghai if not given.' }) },
    select: (_args, _context, nested) => ({
      memberships: { select: { joinedOn: true, leftOn: true, alliance: nested(true) }, orderBy: { id: 'desc' } },
    }),
    resolve: ({ memberships }, { on }) =>
      memberships.find((membership) => isMemberOn(membership, requireDay(on ?? dayOf(new Date()), 'on')))?.alliance,
  }),
  memberships: t.relation('memberships', {
    description: 'All its times in alliances, the first first.',
    query: { orderBy: { id: 'asc' } },
  }),
  foundedOn: t.expose('foundedOn', { type: 'PartialDate', nullable: true }),
  launchedOn: t.expose('launchedOn', { type: 'PartialDate', nullable: true }),
  firstDeliveryOn: t.expose('firstDeliveryOn', { type: 'PartialDate', nullable: true }),
}));

builder.queryFields((t) => ({
  brand: t.prismaField({
    type: Brand,
    nullable: true,
    description: 'The brand of a slug; null when there is none.',
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as aito.' }) },
    resolve: (query, _root, { slug }, { db }) => db.subject.findUnique({ ...query, where: { slug, kind: 'BRAND' } }),
  }),
  brands: t.connection(
    {
      type: Brand,
      description: 'All brands, by slug.',
      ...listOf('Subject', { order: ORDERS.brands, where: () => ({ kind: 'BRAND' }) }),
    },
    ...BrandPages,
  ),
}));
