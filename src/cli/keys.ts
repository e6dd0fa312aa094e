import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import type { ApiKey } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../domain/keys/api-key.ts';
import type { Logger } from '../logger.ts';
import { openExisting } from './existing.ts';
import type { Output } from './output.ts';

export const KEYS_USAGE = `milepost keys create --label <what for> [--scope read|write|admin …] [--expires 2027-01-31]
                   make a key and show it, this once. Its scope is read if none is given
milepost keys list
milepost keys revoke <number>`;

/** Creates, lists and revokes keys. A new key is shown once; only its hash is stored. The exit code is 2 for invalid arguments. */
export async function runKeys(
  config: Config,
  logger: Logger,
  { print, printError }: Output,
  args: readonly string[],
): Promise<number> {
  const [verb, ...rest] = args;
  const command = parse(verb, rest);
  if (typeof command === 'string') {
    printError(command);
    return 2;
  }
  await using database = await openExisting(config, logger);
  const db = database.client;
  switch (command.verb) {
    case 'create': {
      const { key, row } = await createApiKey(db, command);
      print(`Key ${row.id}, shown this once: ${key}`);
      return 0;
    }
    case 'list':
      await listKeys(db, print);
      return 0;
    case 'revoke': {
      const revoked = await revokeApiKey(db, command.id);
      print(
        revoked
          ? `Key ${command.id} is revoked; its connections end within 5 s.`
          : `There is no key ${command.id} that is still valid.`,
      );
      return revoked ? 0 : 1;
    }
  }
}

async function listKeys(db: Db, print: Output['print']): Promise<void> {
  const rows = await listApiKeys(db);
  if (rows.length === 0) return print('No keys yet.');
  print(['number', 'label', 'scopes', 'state'].join('\t'));
  for (const row of rows) print([row.id, row.label, row.scopes.join('+').toLowerCase(), stateOf(row)].join('\t'));
}

function stateOf({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>): string {
  if (revokedAt !== null) return `revoked ${revokedAt.toISOString()}`;
  if (expiresAt === null) return 'valid';
  return `${expiresAt > new Date() ? 'until' : 'expired'} ${expiresAt.toISOString()}`;
}

type Command =
  | {
      readonly verb: 'create';
      readonly label: string;
      readonly scopes: readonly Scope[];
      readonly expiresAt: Date | null;
    }
  | { readonly verb: 'list' }
  | { readonly verb: 'revoke'; readonly id: number };

type Scope = 'READ' | 'WRITE' | 'ADMIN';

const SCOPES: readonly string[] = ['READ', 'WRITE', 'ADMIN'];

/** The command, or an error text. */
function parse(verb: string | undefined, rest: readonly string[]): Command | string {
  try {
    if (verb === 'list' && rest.length === 0) return { verb };
    if (verb === 'revoke' && rest.length === 1 && /^[1-9]\d{0,8}$/.test(rest[0] ?? ''))
      return { verb, id: Number(rest[0]) };
    if (verb === 'create') return parseCreate(rest);
  } catch (error) {
    return `${(error as Error).message}\n${KEYS_USAGE}`;
  }
  return KEYS_USAGE;
}

function parseCreate(rest: readonly string[]): Command | string {
  const { values } = parseArgs({
    args: [...rest],
    options: { label: { type: 'string' }, scope: { type: 'string', multiple: true }, expires: { type: 'string' } },
  });
  const scopes = (values.scope ?? ['read']).map((scope) => scope.toUpperCase());
  const unknown = scopes.find((scope) => !isScope(scope));
  if (unknown !== undefined)
    return `There is no scope "${unknown.toLowerCase()}"; there are read, write and admin.\n${KEYS_USAGE}`;
  if (values.label === undefined || values.label.trim() === '')
    return `A key needs a label that says what it is for.\n${KEYS_USAGE}`;
  const expiresAt = values.expires === undefined ? null : new Date(values.expires);
  if (expiresAt !== null && !(expiresAt > new Date()))
    return `--expires ${values.expires} is not a time in the future.\n${KEYS_USAGE}`;
  return { verb: 'create', label: values.label.trim(), scopes: [...new Set(scopes.filter(isScope))], expiresAt };
}

function isScope(text: string): text is Scope {
  return SCOPES.includes(text);
}
