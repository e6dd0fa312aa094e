import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import type { KeyScope } from '../database/generated/client.ts';
import type { KeyCommand, KeyReport, ListedKey } from '../domain/keys/commands.ts';
import { highestScope, KEY_SCOPES } from '../domain/keys/scopes.ts';
import { BadInput } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { manageKeys } from './key-store.ts';
import type { Output } from './output.ts';

export const KEYS_USAGE = `milepost keys create --label <what for> [--scope read|write|admin] [--expires 2027-01-31]
                   make a key and show it, this once; it expires when that day begins in UTC, or at an instant. Its scope is read if none is given; write includes read, and
                   admin, which also manages keys, includes write
milepost keys list
milepost keys revoke <number>
                   all three also while the server runs`;

const COLUMNS = ['number', 'label', 'scopes', 'created', 'expires', 'last use', 'state'];

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
  try {
    for (const line of linesOf(command, await manageKeys(config, logger, command))) print(line);
    return 0;
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    printError(error.message);
    return 1;
  }
}

function linesOf({ verb }: KeyCommand, { keys, made }: KeyReport): readonly string[] {
  const ids = keys.map(({ id }) => id).join();
  switch (verb) {
    case 'create':
      return [`Key ${ids}, shown this once: ${made}`];
    case 'revoke':
      return [`Key ${ids} is revoked; its connections end within 5 s.`];
    case 'list':
      return keys.length === 0 ? ['No keys yet.'] : [COLUMNS, ...keys.map(columnsOf)].map((line) => line.join('\t'));
  }
}

function columnsOf({ id, label, scopes, createdAt, expiresAt, lastUsedAt, revokedAt, state }: ListedKey) {
  return [
    id,
    label,
    scopes.join('+').toLowerCase(),
    createdAt,
    expiresAt ?? 'never',
    lastUsedAt ?? 'never',
    revokedAt === null ? state.toLowerCase() : `revoked ${revokedAt}`,
  ];
}

/** The command, or an error text. */
function parse(verb: string | undefined, rest: readonly string[]): KeyCommand | string {
  try {
    if (verb === 'list' && rest.length === 0) return { verb };
    if (verb === 'revoke' && rest.length === 1 && /^[1-9]\d{0,8}$/.test(rest[0] ?? ''))
      return { verb, id: Number(rest[0]) };
    if (verb === 'create') return parseCreate(rest);
  } catch (error) {
    return `${(error as Error).message}\n${KEYS_USAGE}`;
  }
  return `${wrongIn(verb, rest)}\n${KEYS_USAGE}`;
}

function wrongIn(verb: string | undefined, [first, second]: readonly string[]): string {
  if (verb === undefined) return 'Say what to do with keys: create, list or revoke.';
  if (verb === 'list') return `keys list takes no arguments, such as "${first}".`;
  if (verb !== 'revoke') return `There is no "keys ${verb}"; there are create, list and revoke.`;
  if (first === undefined) return 'keys revoke needs the number of a key, as keys list shows it.';
  if (second !== undefined) return `keys revoke takes one number at a time; "${second}" is too many.`;
  return `"${first}" is not the number of a key, as keys list shows it.`;
}

function parseCreate(rest: readonly string[]): KeyCommand | string {
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
  const scope = highestScope(scopes.filter(isScope));
  return { verb: 'create', label: values.label, scope, expiresAt: expiresAt?.toISOString() ?? null };
}

function isScope(text: string): text is KeyScope {
  return (KEY_SCOPES as readonly string[]).includes(text);
}
