import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { StartupError } from './errors.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max));
const port = whole(0, 65_535);
const count = (max: number) => whole(1, max);

/** Every environment variable: how it is read, its default, and what is allowed in words. */
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
    // What a header carries as it is.
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
  MILEPOST_DRAIN_SECONDS: { schema: count(300).default(10), allowed: 'a number of seconds from 1 to 300' },
  MILEPOST_MAX_SUBSCRIPTIONS_PER_SOCKET: { schema: count(10_000).default(100), allowed: 'a number from 1 to 10000' },
  MILEPOST_MAX_SOCKETS_PER_ADDRESS: { schema: count(1_000_000).default(2_000), allowed: 'a number from 1 to 1000000' },
  MILEPOST_TRUST_PROXY: { schema: z.enum(['on', 'off']).default('off'), allowed: 'on or off' },
  LOG_LEVEL: { schema: z.enum(LOG_LEVELS).default('info'), allowed: `one of ${LOG_LEVELS.join(', ')}` },
} as const;

const PREFIX = 'MILEPOST_';
/** A slip of the keys changes no more of a name. */
const MOST_SLIPS = 3;
/** What Kubernetes sets for a service of our name, in every container beside it; some of it only the value tells from what a person wrote. */
const OF_KUBERNETES = { name: /_SERVICE_(HOST|PORT)|_PORT_\d+_/, value: /^(tcp|udp|sctp):\/\// };

/** How the process was told to run; read once, at the start. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly adminKey: string | undefined;
  readonly seed: boolean;
  readonly databaseConnections: number;
  /** How many days the change log reaches back; null: for ever. */
  readonly logKeepDays: number | null;
  readonly queriesAtOnce: number;
  readonly drainSeconds: number;
  readonly maxSubscriptionsPerSocket: number;
  readonly maxSocketsPerAddress: number;
  readonly trustProxy: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** Reads the configuration from environment variables; a StartupError names every bad variable and what it may be, and every one of our prefix that there is not. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const complaints = complainOfUnknown(environment);
  const read = <Name extends keyof typeof VARIABLES>(name: Name): z.output<(typeof VARIABLES)[Name]['schema']> => {
    const { schema, allowed } = VARIABLES[name];
    // An empty variable is how shells and compose files say "not set".
    const result = schema.safeParse(environment[name] === '' ? undefined : environment[name]);
    if (!result.success) complaints.push(`${name} is "${shown(name, environment[name])}"; allowed is ${allowed}.`);
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
    drainSeconds: read('MILEPOST_DRAIN_SECONDS'),
    maxSubscriptionsPerSocket: read('MILEPOST_MAX_SUBSCRIPTIONS_PER_SOCKET'),
    maxSocketsPerAddress: read('MILEPOST_MAX_SOCKETS_PER_ADDRESS'),
    trustProxy: read('MILEPOST_TRUST_PROXY') === 'on',
    logLevel: read('LOG_LEVEL'),
  };
  if (complaints.length > 0) throw new StartupError(complaints.join('\n'));
  return config;
}

/** One that is misspelt would be passed over without a word, and the default would hold. */
function complainOfUnknown(environment: Readonly<Record<string, string | undefined>>): string[] {
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

/** Secrets are not repeated in messages that end up in logs. */
function shown(name: string, value: string | undefined): string {
  return name === 'MILEPOST_ADMIN_KEY' || name === 'DATABASE_URL' ? '…' : (value ?? '');
}
