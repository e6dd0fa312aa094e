import { builder } from './builder.ts';
import { PlantPages } from './connection.ts';
import { Company, Plant } from './node.ts';
import { addSubjectQueries } from './subject-queries.ts';

builder.prismaObjectFields(Plant, (t) => ({
  operator: t.relation('operator', {
    type: Company,
    nullable: true,
    description: 'The company that runs the plant. Null if not known.',
  }),
  city: t.exposeString('city', { nullable: true }),
}));

addSubjectQueries({
  kind: 'PLANT',
  type: Plant,
  pages: PlantPages,
  all: 'plants',
  example: 'hefei-xinqiao',
});
