import { builder } from './builder.ts';
import { CompanyPages } from './connection.ts';
import { Brand, Company, Plant } from './node.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';

builder.prismaObjectFields(Company, (t) => ({
  brands: t.relation('children', {
    type: Brand,
    description: 'Its brands, by slug.',
    query: { where: { kind: 'BRAND' }, orderBy: { slug: 'asc' } },
  }),
  brandsComplete: t.exposeBoolean('brandsComplete'),
  parent: t.relation('parent', { type: Company, nullable: true, description: 'The company above it.' }),
  plants: t.relation('operates', {
    type: Plant,
    description: 'The plants it runs, by slug.',
    query: { orderBy: { slug: 'asc' } },
  }),
}));

builder.queryFields((t) => ({
  company: t.prismaField({
    type: Company,
    nullable: true,
    description: 'The company of a slug; null when there is none.',
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as nio-inc.' }) },
    resolve: (query, _root, { slug }, { db }) => db.subject.findUnique({ ...query, where: { slug, kind: 'COMPANY' } }),
  }),
  companies: t.connection(
    {
      type: Company,
      description: 'All companies, by slug.',
      ...listOf('Subject', { order: ORDERS.companies, where: () => ({ kind: 'COMPANY' }) }),
    },
    ...CompanyPages,
  ),
}));
