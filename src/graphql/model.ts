import { builder } from './builder.ts';
import { ModelPages } from './connection.ts';
import { Powertrain } from './enums.ts';
import { Brand, Model } from './node.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';

builder.prismaObjectFields(Model, (t) => ({
  brand: t.relation('parent', { type: Brand, nullable: true, description: 'The brand it is sold under.' }),
  launchedOn: t.expose('launchedOn', { type: 'PartialDate', nullable: true }),
  powertrains: t.expose('powertrains', { type: [Powertrain] }),
}));

builder.queryFields((t) => ({
  model: t.prismaField({
    type: Model,
    nullable: true,
    description: 'The model of a slug; null when there is none.',
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as aito-m9.' }) },
    resolve: (query, _root, { slug }, { db }) => db.subject.findUnique({ ...query, where: { slug, kind: 'MODEL' } }),
  }),
  models: t.connection(
    {
      type: Model,
      description: 'All models, by slug.',
      ...listOf('Subject', { order: ORDERS.models, where: () => ({ kind: 'MODEL' }) }),
    },
    ...ModelPages,
  ),
}));
