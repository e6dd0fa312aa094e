import { expect } from 'vitest';
import type { Product } from './product.ts';

/** Sends an operation to a product with its admin key, and returns the data; errors fail the test. */
export async function sendTo<Data>(product: Product, query: string): Promise<Data> {
  const response = await fetch(`${product.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${product.adminKey}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}
