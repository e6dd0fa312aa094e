import { type ExecutionArgs, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { isLiveQuery, type SharedOperation, shareOperation } from '../../src/execution/shared-operation.ts';
import { schema } from '../../src/graphql/schema.ts';

describe('subscriptions that share', () => {
  test('share with any white space, order of variables and starting place', () => {
    const one = share(
      'subscription A($m: [Metric!], $s: [String!]) { changes(filter: {metrics: $m, subjects: $s}) { cursor } }',
      { m: ['SALES'], s: ['nio'] },
    );
    const same = share(
      'subscription A($m: [Metric!], $s: [String!]) {\n  changes(filter: {metrics: $m, subjects: $s}, after: "abc") {\n cursor } }',
      { s: ['nio'], m: ['SALES'] },
    );
    expect(same.key).toBe(one.key);
    expect([one.after, same.after]).toEqual([null, 'abc']);
  });

  test('share when only the variable for the place differs, which the shared document no longer has', () => {
    const query =
      'subscription($after: Cursor) { ...Root } fragment Root on Subscription { figureRecorded(after: $after) { cursor } }';
    const [first, second] = [share(query, { after: 'one' }), share(query, { after: 'two' })];
    expect(first.key).toBe(second.key);
    expect([first.after, second.after]).toEqual(['one', 'two']);
    expect(first.variableValues).toEqual({});
    expect(share('subscription { ...Root } fragment Root on Subscription { figureRecorded { cursor } }').key).toBe(
      first.key,
    );
  });

  test('count a default like the value that is sent for it', () => {
    const query = 'subscription($d: Boolean = true) { changes(filter: {includeDescendants: $d}) { cursor } }';
    expect(share(query, {}).key).toBe(share(query, { d: true }).key);
    expect(share(query, { d: false }).key).not.toBe(share(query, { d: true }).key);
  });

  test('do not share with other access, another selection, another operation of the document or other arguments', () => {
    const base = share('subscription { changes { cursor } }');
    expect(share('subscription { changes { cursor } }', {}, 'write').key).not.toBe(base.key);
    expect(share('subscription { changes { at } }').key).not.toBe(base.key);
    expect(share('subscription { changes(filter: {subjects: ["nio"]}) { cursor } }').key).not.toBe(base.key);
    const two = 'subscription A { changes { cursor } } subscription B { changes { at } }';
    expect(share(two, {}, 'read', 'A').key).not.toBe(share(two, {}, 'read', 'B').key);
  });

  test('answer with errors when variables are wrong', () => {
    const wrong = shareOperation(
      args('subscription($m: [Metric!]) { changes(filter: {metrics: $m}) { cursor } }', { m: ['NOTHING'] }),
      'read',
    );
    expect('errors' in wrong && wrong.errors).toHaveLength(1);
  });

  test('tell live queries from events, also in a fragment', () => {
    expect(isLiveQuery(args('subscription { ... on Subscription { live { head } } }'))).toBe(true);
    expect(isLiveQuery(args('subscription { changes { cursor } }'))).toBe(false);
  });
});

function args(query: string, variableValues: Record<string, unknown> = {}, operationName?: string): ExecutionArgs {
  return { schema, document: parse(query), variableValues, ...(operationName === undefined ? {} : { operationName }) };
}

function share(
  query: string,
  variables: Record<string, unknown> = {},
  access = 'read',
  operationName?: string,
): SharedOperation {
  const shared = shareOperation(args(query, variables, operationName), access);
  if ('errors' in shared) throw shared.errors[0];
  return shared;
}
