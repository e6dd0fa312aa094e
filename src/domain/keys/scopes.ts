import type { KeyScope } from '../../database/generated/client.ts';

/** What a key can allow, from the least to the most. Each includes those before it: this list is what decides it. */
export const KEY_SCOPES = ['READ', 'WRITE', 'ADMIN'] as const satisfies readonly KeyScope[];

/** Whether a scope allows what another one does. */
export function includesScope(held: KeyScope, wanted: KeyScope): boolean {
  return KEY_SCOPES.indexOf(held) >= KEY_SCOPES.indexOf(wanted);
}

/** The scope of a key that has several: the one that includes the others. Every key may read. */
export function highestScope(scopes: readonly KeyScope[]): KeyScope {
  return KEY_SCOPES.findLast((scope) => scopes.includes(scope)) ?? 'READ';
}

/** A scope with those that it includes. */
export function scopesWithin(scope: KeyScope): readonly KeyScope[] {
  return KEY_SCOPES.filter((each) => includesScope(scope, each));
}
