import { builder } from './builder.ts';
import { MarketPages } from './connection.ts';
import { Market } from './node.ts';
import { ORDERS } from './orders.ts';
import { listOf } from './paging.ts';

builder.prismaObjectFields(Market, (t) => ({
  parent: t.relation('parent', { type: Market, nullable: true, description: 'The market it is a part of.' }),
}));

builder.queryFields((t) => ({
  market: t.prismaField({
    type: Market,
    nullable: true,
    description: 'The market of a slug; null when there is none.',
    args: { slug: t.arg.string({ required: true, description: 'The slug, such as china-nev.' }) },
    resolve: (query, _root, { slug }, { db }) => db.subject.findUnique({ ...query, where: { slug, kind: 'MARKET' } }),
  }),
  markets: t.connection(
    {
      type: Market,
      description: 'All markets, by slug.',
      ...listOf('Subject', { order: ORDERS.markets, where: () => ({ kind: 'MARKET' }) }),
    },
    ...MarketPages,
  ),
}));
