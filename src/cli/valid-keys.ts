import type { Database } from '../database/handle.ts';
import { listKeys } from '../domain/keys/managing.ts';
import type { Output } from './output.ts';

const MOST_SHOWN = 100;

/** Prints the keys that are valid in a database, without their texts, which nobody has. */
export async function printValidKeys({ client }: Database, { print }: Output): Promise<void> {
  const keys = await listKeys(client, { state: 'VALID', most: MOST_SHOWN + 1 });
  if (keys.length === 0) return print('No key is valid in the restored database.');
  print('These keys are valid in it, also those that were revoked after the backup; milepost keys revoke ends one:');
  for (const { id, label, scopes, expiresAt } of keys.slice(0, MOST_SHOWN))
    print(
      `  ${[id, label, scopes.join('+').toLowerCase(), `expires ${expiresAt?.toISOString() ?? 'never'}`].join('\t')}`,
    );
  if (keys.length > MOST_SHOWN) print('  … and more: milepost keys list');
}
