import { distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { StartupError } from './errors.ts';
import { readSecret, withPassword } from './secrets.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Characters that need no escaping in a header. */
const KEY = /^[!-~]{32,256}$/;

const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max));
const port = whole(0, 65_535);
const count = (max: number) => whole(1, max);
const onOff = z.enum(['on', 'off']);
/** An origin as browsers send it: without a path, and without the usual port. Those of apps have schemes of their own. */
const OF_AN_APP = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/[\w.-]+(?::\d+)?$/;
const origin = z
  .string()
  .refine(
    (text) => OF_AN_APP.test(text) || (!text.includes('*') && URL.canParse(text) && new URL(text).origin === text),
  );
const origins = z
  .string()
  .transform((text) => text.trim().split(/[\s,]+/))
  .pipe(z.array(origin));

/** Every environment variable, with its schema, its default, and its allowed values in words. */
const VARIABLES = {
  PORT: { schema: port.default(4000), allowed: 'a port number, 0 to 65535 (0: any free port)' },
  HOST: { schema: z.string().min(1).default('127.0.0.1'), allowed: 'an address to listen on' },
  DATABASE_URL: {
    schema: z
      .string()
      .regex(/^postgres(ql)?:\/\/\S+$/)
      .optional(),
    allowed: 'an address that begins with postgres:// or postgresql://',
  },
  MILEPOST_DATA_DIR: { schema: z.string().min(1).default('.milepost'), allowed: 'a folder' },
  MILEPOST_DATABASE_PASSWORD: { schema: z.string().optional(), allowed: 'a password' },
  MILEPOST_DATABASE_PASSWORD_FILE: { schema: z.string().optional(), allowed: 'a file' },
  MILEPOST_ADMIN_KEY: {
    schema: z.string().regex(KEY).optional(),
    allowed: '32 to 256 letters, digits and signs of ASCII, without spaces',
  },
  MILEPOST_READ_ACCESS: { schema: z.enum(['public', 'key']).default('public'), allowed: 'public or key' },
  MILEPOST_ADMIN_KEY_FILE: { schema: z.string().optional(), allowed: 'a file' },
  MILEPOST_SEED: { schema: z.enum(['on', 'off']).default('on'), allowed: 'on or off' },
  MILEPOST_LOG_KEEP: {
    schema: z.union([z.literal('forever'), count(36_500)]).default(90),
    allowed: 'a number of days from 1 to 36500, or forever',
  },
  MILEPOST_DATABASE_CONNECTIONS: { schema: whole(5, 200).default(20), allowed: 'a number from 5 to 200' },
  MILEPOST_QUERIES_AT_ONCE: { schema: count(1_000).default(8), allowed: 'a number from 1 to 1000' },
  MILEPOST_ANSWER_CACHE_MIB: { schema: whole(0, 65_536).default(64), allowed: 'a number of MiB from 0 (off) to 65536' },
  MILEPOST_MAX_COST: { schema: count(1_000_000).default(10_000), allowed: 'a number from 1 to 1000000' },
  MILEPOST_DEADLINE_SECONDS: { schema: count(600).default(10), allowed: 'a number of seconds from 1 to 600' },
  MILEPOST_BUDGET: {
    schema: z.union([z.literal('off'), count(1_000_000_000)]).default(600_000),
    allowed: 'a number from 1 to 1000000000, or off',
  },
  MILEPOST_BUDGET_STORE: { schema: z.enum(['memory', 'postgres']).default('memory'), allowed: 'memory or postgres' },
  MILEPOST_MAX_LIVE_QUERIES_PER_CLIENT: { schema: count(100_000).default(200), allowed: 'a number from 1 to 100000' },
  MILEPOST_REPLAYS_PER_CLIENT: { schema: count(100_000).default(2_000), allowed: 'a number from 1 to 100000' },
  MILEPOST_WAITING_MIB_PER_CLIENT: { schema: count(65_536).default(64), allowed: 'a number of MiB from 1 to 65536' },
  MILEPOST_DRAIN_SECONDS: { schema: count(300).default(10), allowed: 'a number of seconds from 1 to 300' },
  MILEPOST_MAX_SUBSCRIPTIONS_PER_SOCKET: { schema: count(10_000).default(100), allowed: 'a number from 1 to 10000' },
  MILEPOST_MAX_SOCKETS_PER_ADDRESS: { schema: count(1_000_000).default(2_000), allowed: 'a number from 1 to 1000000' },
  MILEPOST_METRICS_PORT: { schema: count(65_535).optional(), allowed: 'a port number, 1 to 65535' },
  MILEPOST_METRICS_HOST: { schema: z.string().min(1).default('127.0.0.1'), allowed: 'an address to listen on' },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z
      .string()
      .regex(/^https?:\/\/\S+$/)
      .optional(),
    allowed: 'an address that begins with http:// or https://',
  },
  MILEPOST_TRUST_PROXY: { schema: z.enum(['on', 'off']).default('off'), allowed: 'on or off' },
  MILEPOST_CORS_ORIGINS: {
    schema: z.union([z.enum(['*', 'off']), origins]).default('*'),
    allowed: '*, off, or origins such as https://charts.example, with commas between them',
  },
  MILEPOST_GRAPHIQL: { schema: onOff.optional(), allowed: 'on or off' },
  MILEPOST_INTROSPECTION: { schema: onOff.default('on'), allowed: 'on or off' },
  MILEPOST_SUGGESTIONS: { schema: onOff.optional(), allowed: 'on or off' },
  MILEPOST_TRUSTED_DOCUMENTS: { schema: z.string().min(1).optional(), allowed: 'a file' },
  LOG_LEVEL: { schema: z.enum(LOG_LEVELS).default('info'), allowed: `one of ${LOG_LEVELS.join(', ')}` },
} as const;

const PREFIX = 'MILEPOST_';
/** Maximum edit distance of a name that is suggested for an unknown one. */
const MOST_SLIPS = 3;
/**
 * Variables that Kubernetes sets in every container for a service named like our prefix. Some can only be recognised by their
 * value.
 */
const OF_KUBERNETES = { name: /_SERVICE_(HOST|PORT)|_PORT_\d+_/, value: /^(tcp|udp|sctp):\/\// };

/** The configuration of the process, read once at the start. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly adminKey: string | undefined;
  /** Who reads: everyone, or who has a key. */
  readonly readAccess: 'public' | 'key';
  readonly seed: boolean;
  readonly databaseConnections: number;
  /** Age in days after which log entries are cut; null for never. */
  readonly logKeepDays: number | null;
  readonly queriesAtOnce: number;
  readonly answerCacheMib: number;
  /** The most that one operation may cost, see graphql/cost.ts. */
  readonly maxCost: number;
  /** How long a query may take; a mutation three times as long. */
  readonly deadlineSeconds: number;
  /** The cost that a client may spend in a minute; null for any. */
  readonly budget: number | null;
  /** Where what clients spend is counted: by each instance, or by all together. */
  readonly budgetStore: 'memory' | 'postgres';
  readonly maxLiveQueriesPerClient: number;
  readonly replaysPerClient: number;
  readonly waitingMibPerClient: number;
  readonly drainSeconds: number;
  readonly maxSubscriptionsPerSocket: number;
  readonly maxSocketsPerAddress: number;
  readonly trustProxy: boolean;
  /** The origins whose pages may use the API, besides our own. */
  readonly corsOrigins: '*' | readonly string[];
  readonly graphiql: boolean;
  readonly introspection: boolean;
  /** Whether errors say what of the schema may have been meant. */
  readonly suggestions: boolean;
  /** The manifest of the documents that alone are executed. */
  readonly trustedDocuments: string | undefined;
  /** The port of the metrics, without a key; undefined for none. */
  readonly metricsPort: number | undefined;
  readonly metricsHost: string;
  /** Where traces are sent; undefined for nowhere. */
  readonly otlpEndpoint: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * Reads the configuration from environment variables. Throws a StartupError that names every invalid variable with its allowed values,
 * and every unknown one with our prefix.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const errors = findUnknown(environment);
  const read = <Name extends keyof typeof VARIABLES>(name: Name): z.output<(typeof VARIABLES)[Name]['schema']> => {
    const { schema, allowed } = VARIABLES[name];
    // Shells and compose files write an empty variable for "not set".
    const result = schema.safeParse(environment[name] === '' ? undefined : environment[name]);
    if (!result.success) errors.push(`${name} is "${shown(name, environment[name])}"; allowed is ${allowed}.`);
    return result.data as z.output<(typeof VARIABLES)[Name]['schema']>;
  };
  const attempt = <Value>(work: () => Value): Value | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof StartupError)) throw error;
      errors.push(error.message);
      return undefined;
    }
  };
  const logKeep = read('MILEPOST_LOG_KEEP');
  const budget = read('MILEPOST_BUDGET');
  const corsOrigins = read('MILEPOST_CORS_ORIGINS');
  const introspection = read('MILEPOST_INTROSPECTION');
  const trustedDocuments = read('MILEPOST_TRUSTED_DOCUMENTS');
  const config: Config = {
    port: read('PORT'),
    host: read('HOST'),
    databaseUrl: attempt(() => readDatabaseUrl(read)),
    dataDir: read('MILEPOST_DATA_DIR'),
    adminKey: attempt(() => readAdminKey(read)),
    readAccess: read('MILEPOST_READ_ACCESS'),
    seed: read('MILEPOST_SEED') === 'on',
    databaseConnections: read('MILEPOST_DATABASE_CONNECTIONS'),
    logKeepDays: logKeep === 'forever' ? null : logKeep,
    queriesAtOnce: read('MILEPOST_QUERIES_AT_ONCE'),
    answerCacheMib: read('MILEPOST_ANSWER_CACHE_MIB'),
    maxCost: read('MILEPOST_MAX_COST'),
    deadlineSeconds: read('MILEPOST_DEADLINE_SECONDS'),
    budget: budget === 'off' ? null : budget,
    budgetStore: read('MILEPOST_BUDGET_STORE'),
    maxLiveQueriesPerClient: read('MILEPOST_MAX_LIVE_QUERIES_PER_CLIENT'),
    replaysPerClient: read('MILEPOST_REPLAYS_PER_CLIENT'),
    waitingMibPerClient: read('MILEPOST_WAITING_MIB_PER_CLIENT'),
    drainSeconds: read('MILEPOST_DRAIN_SECONDS'),
    maxSubscriptionsPerSocket: read('MILEPOST_MAX_SUBSCRIPTIONS_PER_SOCKET'),
    maxSocketsPerAddress: read('MILEPOST_MAX_SOCKETS_PER_ADDRESS'),
    trustProxy: read('MILEPOST_TRUST_PROXY') === 'on',
    corsOrigins: corsOrigins === 'off' ? [] : corsOrigins,
    // With it nothing could be asked that is not in the manifest.
    graphiql: (read('MILEPOST_GRAPHIQL') ?? (trustedDocuments === undefined ? 'on' : 'off')) === 'on',
    introspection: introspection === 'on',
    // What is not shown is not to be guessed either.
    suggestions: (read('MILEPOST_SUGGESTIONS') ?? introspection) === 'on',
    trustedDocuments,
    metricsPort: read('MILEPOST_METRICS_PORT'),
    metricsHost: read('MILEPOST_METRICS_HOST'),
    otlpEndpoint: read('OTEL_EXPORTER_OTLP_ENDPOINT'),
    logLevel: read('LOG_LEVEL'),
  };
  // The embedded database serves one process.
  if (config.budgetStore === 'postgres' && config.databaseUrl === undefined)
    errors.push(
      'MILEPOST_BUDGET_STORE is "postgres" but DATABASE_URL is not set; with the embedded database use memory.',
    );
  if (errors.length > 0) throw new StartupError(errors.join('\n'));
  return config;
}

/** Reads a variable that is a text. */
type Read = (
  name:
    | 'DATABASE_URL'
    | 'MILEPOST_DATABASE_PASSWORD'
    | 'MILEPOST_DATABASE_PASSWORD_FILE'
    | 'MILEPOST_ADMIN_KEY'
    | 'MILEPOST_ADMIN_KEY_FILE',
) => string | undefined;

function readDatabaseUrl(read: Read): string | undefined {
  const url = read('DATABASE_URL');
  const [given, file] = [read('MILEPOST_DATABASE_PASSWORD'), read('MILEPOST_DATABASE_PASSWORD_FILE')];
  if (given !== undefined && file !== undefined) throw twice('MILEPOST_DATABASE_PASSWORD');
  const variable = file === undefined ? 'MILEPOST_DATABASE_PASSWORD' : 'MILEPOST_DATABASE_PASSWORD_FILE';
  const password = file === undefined ? given : readSecret(variable, file);
  if (password === undefined) return url;
  if (url === undefined)
    throw new StartupError(`${variable} is set, and DATABASE_URL is not: set it to postgres://user@host/database.`);
  return withPassword(url, password, variable);
}

function readAdminKey(read: Read): string | undefined {
  const given = read('MILEPOST_ADMIN_KEY');
  const file = read('MILEPOST_ADMIN_KEY_FILE');
  if (file === undefined) return given;
  if (given !== undefined) throw twice('MILEPOST_ADMIN_KEY');
  const key = readSecret('MILEPOST_ADMIN_KEY_FILE', file);
  if (KEY.test(key)) return key;
  throw new StartupError(
    `The file ${file} of MILEPOST_ADMIN_KEY_FILE has no key in it: ${VARIABLES.MILEPOST_ADMIN_KEY.allowed}.`,
  );
}

function twice(name: string): StartupError {
  return new StartupError(`${name} and ${name}_FILE are both set. Set only one of them.`);
}

/** Without an error a misspelt variable would be ignored, and the default would apply. */
function findUnknown(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value = '']) => {
    if (!name.startsWith(PREFIX) || Object.hasOwn(VARIABLES, name) || value === '') return [];
    if (OF_KUBERNETES.name.test(name) || OF_KUBERNETES.value.test(value)) return [];
    return [`${name} is not known; ${suggestFor(name)}`];
  });
}

function suggestFor(name: string): string {
  const names = Object.keys(VARIABLES);
  const bare = name.slice(PREFIX.length);
  if (names.includes(bare)) return `did you mean ${bare}?`;
  const ours = names.filter((known) => known.startsWith(PREFIX));
  const [nearest] = ours
    .map((known) => ({ known, slips: distance(known, name) }))
    .filter(({ slips }) => slips <= MOST_SLIPS)
    .sort((a, b) => a.slips - b.slips);
  return nearest === undefined ? `there are ${ours.join(', ')}.` : `did you mean ${nearest.known}?`;
}

const SECRET = new Set(['MILEPOST_ADMIN_KEY', 'DATABASE_URL', 'MILEPOST_DATABASE_PASSWORD']);

/** Secrets must not appear in messages, which end up in logs. */
function shown(name: string, value: string | undefined): string {
  return SECRET.has(name) ? '…' : (value ?? '');
}
