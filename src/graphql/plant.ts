import { builder } from './builder.ts';
import { PlantPages } from './connection.ts';
import { Company, Plant } from './node.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';

builder.prismaObjectFields(Plant, (t) => ({
  operator: t.relation('operator', { type: Company, nullable: true, description: 'The company that runs it.' }),
  city: t.exposeString('city', { nullable: true }),
}));

builder.queryFields((t) => ({
  plant: t.prismaField({
    type: Plant,
    nullable: true,
    description: 'The plant of a slug; null when there is none.',
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as hefei-xinqiao.' }) },
    resolve: (query, _root, { slug }, { db }) => db.subject.findUnique({ ...query, where: { slug, kind: 'PLANT' } }),
  }),
  plants: t.connection(
    {
      type: Plant,
      description: 'All plants, by slug.',
      ...listOf('Subject', { order: ORDERS.plants, where: () => ({ kind: 'PLANT' }) }),
    },
    ...PlantPages,
  ),
}));
