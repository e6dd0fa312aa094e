import { companyAbove } from '../domain/catalog/subjects.ts';
import { MEMBERSHIP_DAY } from './arguments.ts';
import { builder } from './builder.ts';
import { BrandPages, ModelPages } from './connection.ts';
import { memberOn } from './member-on.ts';
import { Alliance, Brand, Company, Model, Subject } from './node.ts';
import { ORDERS } from './orders.ts';
import { listBelow } from './paging.ts';
import { addSubjectQueries } from './subject-queries.ts';

builder.prismaObjectFields(Brand, (t) => ({
  company: t.field({
    type: Company,
    nullable: true,
    description: 'The company that owns the brand, or the brand that it is part of. Null if not known.',
    select: async (_args, _context, nested) => ({ parent: await nested(true) }),
    resolve: ({ parent }, _args, { db }) => companyAbove(db, parent),
  }),
  parent: t.relation('parent', {
    type: Subject,
    nullable: true,
    description:
      'The subject directly above the brand: its company, or the brand that it is part of. Null if not known.',
  }),
  models: t.connection(
    {
      type: Model,
      description: 'The models of the brand, in the order of their slugs.',
      ...listBelow('Subject', 'children', { order: ORDERS.models, where: () => ({ kind: 'MODEL' }) }),
    },
    ...ModelPages,
  ),
  alliance: t.field({
    type: Alliance,
    nullable: true,
    description: 'The alliance that the brand belonged to on a day. Null if there was none.',
    args: { on: t.arg(MEMBERSHIP_DAY) },
    select: async (_args, _context, nested) => ({
      memberships: { select: { joinedOn: true, leftOn: true, alliance: await nested(true) }, orderBy: { id: 'desc' } },
    }),
    resolve: ({ memberships }, { on }) => memberships.find(memberOn(on))?.alliance,
  }),
  memberships: t.relation('memberships', {
    description: 'All memberships of the brand, in the order in which they were recorded.',
    query: { orderBy: { id: 'asc' } },
  }),
  foundedOn: t.expose('foundedOn', { type: 'PartialDate', nullable: true }),
  launchedOn: t.expose('launchedOn', { type: 'PartialDate', nullable: true }),
  firstDeliveryOn: t.expose('firstDeliveryOn', { type: 'PartialDate', nullable: true }),
}));

addSubjectQueries({ kind: 'BRAND', type: Brand, pages: BrandPages, all: 'brands', example: 'aito' });
