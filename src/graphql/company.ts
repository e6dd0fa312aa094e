import { builder } from './builder.ts';
import { CompanyPages } from './connection.ts';
import { Brand, Company, Plant } from './node.ts';
import { addSubjectQueries } from './subject-queries.ts';

builder.prismaObjectFields(Company, (t) => ({
  brands: t.relation('children', {
    type: Brand,
    description:
      'The brands directly below the company, in the order of their slugs. A part of a brand is not among them.',
    query: { where: { kind: 'BRAND' }, orderBy: { slug: 'asc' } },
  }),
  brandsComplete: t.exposeBoolean('brandsComplete'),
  parent: t.relation('parent', {
    type: Company,
    nullable: true,
    description: 'The company above this company. Null if there is none.',
  }),
  plants: t.relation('operates', {
    type: Plant,
    description: 'The plants that the company runs, in the order of their slugs.',
    query: { orderBy: { slug: 'asc' } },
  }),
}));

addSubjectQueries({
  kind: 'COMPANY',
  type: Company,
  pages: CompanyPages,
  all: 'companies',
  example: 'nio-inc',
});
