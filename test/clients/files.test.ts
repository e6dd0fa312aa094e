import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { clientFiles, unaccounted } from '../../scripts/client-files.ts';
import { schema } from '../../src/graphql/schema.ts';

const files = clientFiles(schema);

test('every object type has an id or is embedded by design, and every scalar has a type', () => {
  expect(unaccounted(schema)).toEqual([]);
});

test('a new type that has no id, and a new scalar, are noticed', () => {
  const other = buildSchema(
    'scalar Colour type Query { paint: Paint page: PaintConnection } type Paint { in: Colour } type PaintConnection { nodes: [Paint] }',
  );
  expect(unaccounted(other)).toEqual(expect.arrayContaining(['Paint', 'Colour']));
  expect(unaccounted(other)).not.toContain('PaintConnection');
});

test('the keys of Graphcache name what has no id, and no root', () => {
  expect(files['graphcache-keys.json']).toEqual(expect.arrayContaining(['FigureChange', 'Growth', 'PageInfo']));
  for (const name of ['Observation', 'Query', 'Subscription'])
    expect(files['graphcache-keys.json']).not.toContain(name);
});

test('the possible types name all types of each interface', () => {
  expect(files['possible-types.json']).toMatchObject({
    Subject: ['Alliance', 'Brand', 'Company', 'Market', 'Model', 'Plant'],
    Change: expect.arrayContaining(['ContradictionChange', 'FigureChange']),
    Node: expect.arrayContaining(['Brand', 'Figure', 'Observation']),
  });
});

test('the scalars are texts', () => {
  expect(files['codegen-scalars.json']).toEqual({
    ...{ Cursor: 'string', Date: 'string', DateTime: 'string', PartialDate: 'string', Period: 'string' },
  });
});
