import { companyAbove } from '../domain/catalog/subjects.ts';
import { membershipsKnownAt } from '../domain/claims/known-memberships.ts';
import { MEMBERSHIP_DAY, MEMBERSHIPS_AS_OF } from './arguments.ts';
import { builder } from './builder.ts';
import { BrandPages, ModelPages } from './connection.ts';
import { MEMBERSHIP_DATES, memberOn, membershipQuery, shownMemberships } from './member-on.ts';
import { Alliance, Brand, Company, Membership, Model, Subject } from './node.ts';
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
    args: { on: t.arg(MEMBERSHIP_DAY), asOf: t.arg(MEMBERSHIPS_AS_OF) },
    select: async (_args, _context, nested) => ({
      memberships: { select: { ...MEMBERSHIP_DATES, alliance: await nested(true) }, orderBy: { id: 'desc' } },
    }),
    resolve: ({ memberships }, { on, asOf }) =>
      membershipsKnownAt(memberships, asOf ?? null).find(memberOn(on))?.alliance,
  }),
  memberships: t.field({
    type: [Membership],
    description: 'All memberships of the brand, in the order in which they were recorded.',
    args: { asOf: t.arg(MEMBERSHIPS_AS_OF) },
    select: async (args, _context, nested) => ({ memberships: await nested(membershipQuery(args)) }),
    resolve: ({ memberships }, { asOf }) => shownMemberships(memberships, { asOf }),
  }),
  foundedOn: t.expose('foundedOn', { type: 'PartialDate', nullable: true }),
  launchedOn: t.expose('launchedOn', { type: 'PartialDate', nullable: true }),
  firstDeliveryOn: t.expose('firstDeliveryOn', { type: 'PartialDate', nullable: true }),
}));

addSubjectQueries({ kind: 'BRAND', type: Brand, pages: BrandPages, all: 'brands', example: 'aito' });
