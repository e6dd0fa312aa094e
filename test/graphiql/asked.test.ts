import { expect, test } from 'vitest';
import { operationOf } from '../../graphiql/src/asked.ts';

test('an operation is read from an address, with its variables laid out', () => {
  const search = new URLSearchParams({ query: '{ head }', variables: '{"a":[1]}' });
  expect(operationOf(`?${search}`)).toEqual({ query: '{ head }', variables: '{\n  "a": [\n    1\n  ]\n}' });
});

test('variables that are no JSON stay as they are, to be mended', () => {
  expect(operationOf('?query=%7B%20head%20%7D&variables=%7Ba')).toEqual({ query: '{ head }', variables: '{a' });
});

test.each(['', '?', '?query=', '?query=%20', '?variables=%7B%7D'])('the address %j has no operation', (search) => {
  expect(operationOf(search)).toBeNull();
});
