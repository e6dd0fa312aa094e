import type { ServerResponse } from 'node:http';

/**
 * What every answer has, unless it says something else: it is what its type says, runs nothing, stands in no page of others, and whoever follows
 * a link from it does not say where from. Strict-Transport-Security is for whoever has the certificate, the proxy in front.
 */
export const OF_ANSWERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // Pages of other origins ask by CORS, which this does not concern; what they cannot do is load an answer as a script or an image.
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Of what is made to be shown in other pages. */
export const OF_EMBEDDED = { 'cross-origin-resource-policy': 'cross-origin' } as const;

const ENTRIES = Object.entries(OF_ANSWERS);

/** Gives an answer the headers that all have. What is sent later replaces them. */
export function secure(response: ServerResponse): void {
  for (const [name, value] of ENTRIES) response.setHeader(name, value);
}
