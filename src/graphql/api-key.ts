import { GraphQLError } from 'graphql';
import type { ApiKey as KeyRow } from '../database/generated/client.ts';
import { type NewKey, stateOfKey } from '../domain/keys/api-key.ts';
import { endKey, issueKey, listKeys } from '../domain/keys/managing.ts';
import { highestScope, type KEY_SCOPES, scopesWithin } from '../domain/keys/scopes.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { COST_OF_LOOKUP } from './costs.ts';
import { parseRowId } from './row-id.ts';
import { type Outcome, outcomeOf, USER_ERRORS_FIELD } from './user-error.ts';

/** The most keys that are listed at once. */
const MOST_KEYS = 1_000;
/** How many the cost assumes: few servers have more. */
const EXPECTED_KEYS = 100;

const KeyScope = builder.enumType('KeyScope', {
  description: 'What a key allows. Each scope includes those before it.',
  values: {
    READ: { description: 'To read.' },
    WRITE: { description: 'To read and to write.' },
    ADMIN: { description: 'To read, to write, and to manage keys.' },
  } satisfies Record<(typeof KEY_SCOPES)[number], { description: string }>,
});

const ApiKeyState = builder.enumType('ApiKeyState', {
  description: 'Whether a key can be used.',
  values: {
    VALID: { description: 'It can be used.' },
    REVOKED: { description: 'It was revoked.' },
    EXPIRED: { description: 'It has expired, and was not revoked.' },
  },
});

const ApiKey = builder.objectRef<KeyRow>('ApiKey').implement({
  description: 'A key to the API, without its text: only a hash of that is stored.',
  fields: (t) => ({
    id: t.id({
      description: 'The number of the key, as the command `milepost keys` shows it.',
      resolve: ({ id }) => id,
    }),
    label: t.exposeString('label', { description: 'What the key is for.' }),
    scopes: t.field({
      type: [KeyScope],
      description: 'All that the key allows.',
      resolve: ({ scopes }) => [...scopesWithin(highestScope(scopes))],
    }),
    state: t.field({
      type: ApiKeyState,
      description: 'Whether the key can be used now.',
      resolve: (row) => stateOfKey(row, new Date()),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the key was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From when on the key is no longer valid. Null: it does not expire.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was revoked. Null if it was not.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the key was used last, to within about a minute. Null if it was never used.',
    }),
  }),
});

const ApiKeyInput = builder.inputType('ApiKeyInput', {
  description: 'A new key.',
  fields: (t) => ({
    label: t.string({ required: true, description: 'What the key is for, in at most 200 characters.' }),
    scope: t.field({
      type: KeyScope,
      required: true,
      defaultValue: 'READ',
      description: 'The most that the key allows.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'From when on the key is no longer valid, an instant in the future. Null: it does not expire.',
    }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<Outcome<NewKey>>('CreateApiKeyPayload').implement({
  description: 'The outcome of making a key.',
  fields: (t) => ({
    key: t.string({
      nullable: true,
      description: 'The key itself. It is shown here only: keep it. Null if the input was refused.',
      resolve: ({ written }) => written?.key,
    }),
    apiKey: t.field({
      type: ApiKey,
      nullable: true,
      description: 'What is kept of the key. Null if the input was refused.',
      resolve: ({ written }) => written?.row,
    }),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

const RevokeApiKeyPayload = builder.objectRef<Outcome<KeyRow>>('RevokeApiKeyPayload').implement({
  description: 'The outcome of revoking a key.',
  fields: (t) => ({
    apiKey: t.field({
      type: ApiKey,
      nullable: true,
      description: 'The revoked key. Null if there was none to revoke.',
      resolve: ({ written }) => written,
    }),
    userErrors: t.field(USER_ERRORS_FIELD),
  }),
});

builder.queryFields((t) => ({
  apiKeys: t.field({
    type: [ApiKey],
    description: `The newest ${MOST_KEYS} keys, the newest first. Needs the scope \`admin\`. Not to be asked for in a live query: keys are not in the change log.`,
    authScopes: { admin: true },
    complexity: { field: COST_OF_LOOKUP, multiplier: EXPECTED_KEYS },
    args: { state: t.arg({ type: ApiKeyState, description: 'Only the keys in this state.' }) },
    resolve: (_root, { state }, context) => {
      refuseLive(context);
      return listKeys(context.db, { state, most: MOST_KEYS });
    },
  }),
}));

builder.mutationFields((t) => ({
  createApiKey: t.field({
    type: CreateApiKeyPayload,
    description: 'Makes a key, and shows it once. Needs the scope `admin`.',
    authScopes: { admin: true },
    args: { input: t.arg({ type: ApiKeyInput, required: true, description: 'What the key is for, and allows.' }) },
    resolve: (_root, { input }, { db }) => outcomeOf(issueKey(db, input)),
  }),
  revokeApiKey: t.field({
    type: RevokeApiKeyPayload,
    description:
      'Revokes a key for good: its next request is refused, and its connections end within 5 s. Needs the scope `admin`. User error INVALID_INPUT if there is no such key or it is revoked already.',
    authScopes: { admin: true },
    args: { id: t.arg.id({ required: true, description: 'The number of the key.' }) },
    resolve: (_root, { id }, { db }) => outcomeOf(endKey(db, parseRowId(id))),
  }),
}));

/** A live query would show the keys of its first answer for ever: no entry of the log tells of a new one. */
function refuseLive({ unnotedHead }: Context): void {
  if (unnotedHead === undefined) return;
  throw new GraphQLError('Keys are not in the change log, so no live query can follow them: send this as a query.', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}
