import type { ApiKey, KeyScope } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { BadInput } from '../../errors.ts';
import { collectProblems } from '../values/problems.ts';
import { checkText } from '../values/text.ts';
import { createApiKey, isInState, type KeyState, type NewKey, revokeApiKey } from './api-key.ts';
import { scopesWithin } from './scopes.ts';

const MAX_LABEL = 200;
/** A label stands in one line of a list, between tabs. */
const CONTROL = /\p{Control}/u;

/** What is wanted of a new key. */
export interface KeyInput {
  readonly label: string;
  readonly scope: KeyScope;
  /** Null: it does not expire. */
  readonly expiresAt?: Date | null | undefined;
}

/** Creates a key with what its scope includes; throws BadInput for a label or an end that no key can have. */
export async function issueKey(db: Db, { label, scope, expiresAt = null }: KeyInput): Promise<NewKey> {
  const problems = collectProblems('input');
  checkText(problems, 'label', label, MAX_LABEL);
  if (CONTROL.test(label)) problems.add('INVALID_INPUT', 'label', 'label has a line break, a tab or another control.');
  if (expiresAt !== null && !(expiresAt > new Date()))
    problems.add('INVALID_INPUT', 'expiresAt', 'expiresAt is not in the future: the key would never be valid.');
  problems.throwIfAny();
  return createApiKey(db, { label: label.trim(), scopes: scopesWithin(scope), expiresAt });
}

/** Revokes a key, and returns its row; throws BadInput if there is none with this number that is not revoked yet. */
export async function endKey(db: Db, id: number | null): Promise<ApiKey> {
  const row = id === null ? null : await revokeApiKey(db, id);
  if (row !== null) return row;
  const isKnown = id !== null && (await db.apiKey.count({ where: { id } })) > 0;
  const message = isKnown ? 'The key is revoked already.' : 'There is no such key.';
  throw new BadInput([{ code: 'INVALID_INPUT', path: ['id'], message, didYouMean: [] }]);
}

/** Keys, the newest first: all, or only those in a state, and so many of them. */
export function listKeys(
  db: Db,
  options: { state?: KeyState | null | undefined; most?: number } = {},
): Promise<ApiKey[]> {
  const { state, most } = options;
  return db.apiKey.findMany({
    where: state == null ? {} : isInState(state, new Date()),
    orderBy: { id: 'desc' },
    ...(most === undefined ? {} : { take: most }),
  });
}
