import { builder } from './builder.ts';
import { MarketPages } from './connection.ts';
import { Market } from './node.ts';
import { addSubjectQueries } from './subject-queries.ts';

builder.prismaObjectFields(Market, (t) => ({
  parent: t.relation('parent', {
    type: Market,
    nullable: true,
    description: 'The larger market that includes this market. Null if there is none.',
  }),
}));

addSubjectQueries({
  kind: 'MARKET',
  type: Market,
  pages: MarketPages,
  all: 'markets',
  example: 'china-nev',
});
