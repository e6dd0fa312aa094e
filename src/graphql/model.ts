import { builder } from './builder.ts';
import { ModelPages } from './connection.ts';
import { Powertrain } from './enums.ts';
import { Brand, Model } from './node.ts';
import { addSubjectQueries } from './subject-queries.ts';

builder.prismaObjectFields(Model, (t) => ({
  brand: t.relation('parent', {
    type: Brand,
    nullable: true,
    description: 'The brand under which the model is sold. Null if not known.',
  }),
  launchedOn: t.expose('launchedOn', { type: 'PartialDate', nullable: true }),
  powertrains: t.expose('powertrains', { type: [Powertrain] }),
}));

addSubjectQueries({ kind: 'MODEL', type: Model, pages: ModelPages, all: 'models', example: 'aito-m9' });
