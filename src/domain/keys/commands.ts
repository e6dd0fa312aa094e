import type { ApiKey, KeyScope } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { BadInput } from '../../errors.ts';
import { type KeyState, stateOfKey } from './api-key.ts';
import { endKey, issueKey, listKeys } from './managing.ts';
import { highestScope, scopesWithin } from './scopes.ts';

/** What the command `milepost keys` asks for, as JSON: the running server may be what does it. */
export type KeyCommand =
  | {
      readonly verb: 'create';
      readonly label: string;
      readonly scope: KeyScope;
      /** An instant in ISO 8601. */
      readonly expiresAt: string | null;
    }
  | { readonly verb: 'list' }
  | { readonly verb: 'revoke'; readonly id: number };

/** A key as the command shows it; instants are in ISO 8601. */
export interface ListedKey {
  readonly id: number;
  readonly label: string;
  readonly scopes: readonly KeyScope[];
  readonly state: KeyState;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** The keys that a command is about, the oldest first, and the text of the one that it made. */
export interface KeyReport {
  readonly keys: readonly ListedKey[];
  readonly made: string | null;
}

/** Creates, lists or revokes keys; throws BadInput for what is refused. */
export async function runKeyCommand(db: Db, command: KeyCommand): Promise<KeyReport> {
  switch (command.verb) {
    case 'create': {
      const { label, scope, expiresAt } = command;
      const made = await issueKey(db, {
        label,
        scope,
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      });
      return { keys: [shown(made.row)], made: made.key };
    }
    case 'list':
      return { keys: (await listKeys(db)).map(shown).reverse(), made: null };
    case 'revoke':
      return { keys: [shown(await endKey(db, command.id))], made: null };
    default: {
      const message = 'This server does not know the command: it is of another version.';
      throw new BadInput([{ code: 'INVALID_INPUT', path: [], message, didYouMean: [] }]);
    }
  }
}

function shown(row: ApiKey): ListedKey {
  const { id, label, createdAt, expiresAt, revokedAt, lastUsedAt } = row;
  return {
    id,
    label,
    scopes: scopesWithin(highestScope(row.scopes)),
    state: stateOfKey(row, new Date()),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
