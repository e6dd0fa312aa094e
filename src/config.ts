import { distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { StartupError } from './errors.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max));
const port = whole(0, 65_535);
const count = (max: number) => whole(1, max);

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
  MILEPOST_ADMIN_KEY: {
    // Characters that need no escaping in a header.
    schema: z
      .string()
      .regex(/^[!-~]{32,256}$/)
      .optional(),
    allowed: '32 to 256 letters, digits and signs of ASCII, without spaces',
  },
  MILEPOST_SEED: { schema: z.enum(['on', 'off']).default('on'), allowed: 'on or off' },
  MILEPOST_LOG_KEEP: {
    schema: z.union([z.literal('forever'), count(36_500)]).default(90),
    allowed: 'a number of days from 1 to 36500, or forever',
  },
  MILEPOST_DATABASE_CONNECTIONS: { schema: whole(5, 200).default(20), allowed: 'a number from 5 to 200' },
  MILEPOST_QUERIES_AT_ONCE: { schema: count(1_000).default(8), allowed: 'a number from 1 to 1000' },
  MILEPOST_ANSWER_CACHE_MIB: { schema: whole(0, 65_536).default(64), allowed: 'a number of MiB from 0 (off) to 65536' },
  MILEPOST_MAX_COST: { schema: count(1_000_000).default(10_000), allowed: 'a number from 1 to 1000000' },
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
  readonly seed: boolean;
  readonly databaseConnections: number;
  /** Age in days after which log entries are cut; null for never. */
  readonly logKeepDays: number | null;
  readonly queriesAtOnce: number;
  readonly answerCacheMib: number;
  /** The most that one operation may cost, see graphql/cost.ts. */
  readonly maxCost: number;
  readonly drainSeconds: number;
  readonly maxSubscriptionsPerSocket: number;
  readonly maxSocketsPerAddress: number;
  readonly trustProxy: boolean;
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
  const logKeep = read('MILEPOST_LOG_KEEP');
  const config: Config = {
    port: read('PORT'),
    host: read('HOST'),
    databaseUrl: read('DATABASE_URL'),
    dataDir: read('MILEPOST_DATA_DIR'),
    adminKey: read('MILEPOST_ADMIN_KEY'),
    seed: read('MILEPOST_SEED') === 'on',
    databaseConnections: read('MILEPOST_DATABASE_CONNECTIONS'),
    logKeepDays: logKeep === 'forever' ? null : logKeep,
    queriesAtOnce: read('MILEPOST_QUERIES_AT_ONCE'),
    answerCacheMib: read('MILEPOST_ANSWER_CACHE_MIB'),
    maxCost: read('MILEPOST_MAX_COST'),
    drainSeconds: read('MILEPOST_DRAIN_SECONDS'),
    maxSubscriptionsPerSocket: read('MILEPOST_MAX_SUBSCRIPTIONS_PER_SOCKET'),
    maxSocketsPerAddress: read('MILEPOST_MAX_SOCKETS_PER_ADDRESS'),
    trustProxy: read('MILEPOST_TRUST_PROXY') === 'on',
    metricsPort: read('MILEPOST_METRICS_PORT'),
    metricsHost: read('MILEPOST_METRICS_HOST'),
    otlpEndpoint: read('OTEL_EXPORTER_OTLP_ENDPOINT'),
    logLevel: read('LOG_LEVEL'),
  };
  if (errors.length > 0) throw new StartupError(errors.join('\n'));
  return config;
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

/** Secrets must not appear in messages, which end up in logs. */
function shown(name: string, value: string | undefined): string {
  return name === 'MILEPOST_ADMIN_KEY' || name === 'DATABASE_URL' ? '…' : (value ?? '');
}
