import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { StartupError } from '../src/errors.ts';

function complaintOf(environment: Readonly<Record<string, string>>): string {
  try {
    readConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(StartupError);
    return (error as Error).message;
  }
  return 'no complaint';
}

const DEFAULTS = {
  port: 4000,
  host: '127.0.0.1',
  databaseUrl: undefined,
  dataDir: '.milepost',
  adminKey: undefined,
  readAccess: 'public',
  seed: true,
  logKeepDays: 90,
  databaseConnections: 20,
  queriesAtOnce: 8,
  answerCacheMib: 64,
  maxCost: 10_000,
  deadlineSeconds: 10,
  budget: 600_000,
  budgetStore: 'memory',
  maxLiveQueriesPerClient: 200,
  replaysPerClient: 2_000,
  waitingMibPerClient: 64,
  drainSeconds: 10,
  maxSubscriptionsPerSocket: 100,
  maxSocketsPerAddress: 2_000,
  trustProxy: false,
  corsOrigins: '*',
  graphiql: true,
  introspection: true,
  suggestions: true,
  trustedDocuments: undefined,
  metricsPort: undefined,
  metricsHost: '127.0.0.1',
  otlpEndpoint: undefined,
  logLevel: 'info',
};

test('everything has a default', () => {
  expect(readConfig({})).toEqual(DEFAULTS);
});

test('an empty variable is as good as none', () => {
  const names = [
    'PORT',
    'HOST',
    'DATABASE_URL',
    'MILEPOST_DATA_DIR',
    'MILEPOST_ADMIN_KEY',
    'MILEPOST_READ_ACCESS',
    'MILEPOST_SEED',
    'LOG_LEVEL',
  ];
  expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(DEFAULTS);
});

test('every variable is read', () => {
  const environment = {
    PORT: '0',
    HOST: '::1',
    DATABASE_URL: 'postgresql://user:secret@db.example:5432/milepost?sslmode=require',
    MILEPOST_DATA_DIR: '/var/lib/milepost',
    MILEPOST_ADMIN_KEY: 'k'.repeat(32),
    MILEPOST_READ_ACCESS: 'key',
    MILEPOST_SEED: 'off',
    MILEPOST_DATABASE_CONNECTIONS: '200',
    MILEPOST_LOG_KEEP: '30',
    MILEPOST_QUERIES_AT_ONCE: '3',
    MILEPOST_ANSWER_CACHE_MIB: '0',
    MILEPOST_MAX_COST: '500',
    MILEPOST_DEADLINE_SECONDS: '30',
    MILEPOST_BUDGET: 'off',
    MILEPOST_BUDGET_STORE: 'postgres',
    MILEPOST_MAX_LIVE_QUERIES_PER_CLIENT: '10',
    MILEPOST_REPLAYS_PER_CLIENT: '5',
    MILEPOST_WAITING_MIB_PER_CLIENT: '8',
    MILEPOST_DRAIN_SECONDS: '1',
    MILEPOST_MAX_SUBSCRIPTIONS_PER_SOCKET: '5',
    MILEPOST_MAX_SOCKETS_PER_ADDRESS: '6',
    MILEPOST_TRUST_PROXY: 'on',
    MILEPOST_CORS_ORIGINS: 'https://charts.example, http://localhost:8080',
    MILEPOST_GRAPHIQL: 'on',
    MILEPOST_INTROSPECTION: 'off',
    MILEPOST_SUGGESTIONS: 'on',
    MILEPOST_TRUSTED_DOCUMENTS: '/etc/milepost/documents.json',
    MILEPOST_METRICS_PORT: '9464',
    MILEPOST_METRICS_HOST: '0.0.0.0',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    LOG_LEVEL: 'silent',
  };
  expect(readConfig({ ...environment, HOME: '/root' })).toEqual({
    port: 0,
    host: '::1',
    databaseUrl: environment.DATABASE_URL,
    dataDir: '/var/lib/milepost',
    adminKey: 'k'.repeat(32),
    readAccess: 'key',
    seed: false,
    databaseConnections: 200,
    logKeepDays: 30,
    queriesAtOnce: 3,
    answerCacheMib: 0,
    maxCost: 500,
    deadlineSeconds: 30,
    budget: null,
    budgetStore: 'postgres',
    maxLiveQueriesPerClient: 10,
    replaysPerClient: 5,
    waitingMibPerClient: 8,
    drainSeconds: 1,
    maxSubscriptionsPerSocket: 5,
    maxSocketsPerAddress: 6,
    trustProxy: true,
    corsOrigins: ['https://charts.example', 'http://localhost:8080'],
    graphiql: true,
    introspection: false,
    suggestions: true,
    trustedDocuments: '/etc/milepost/documents.json',
    metricsPort: 9464,
    metricsHost: '0.0.0.0',
    otlpEndpoint: 'http://collector:4318',
    logLevel: 'silent',
  });
});

describe('secrets from files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'milepost-hidden-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const fileOf = (text: string): string => {
    const path = join(folder, `${readdirSync(folder).length}`);
    writeFileSync(path, text);
    return path;
  };
  const DATABASE_URL = 'postgres://milepost@postgres:5432/milepost?sslmode=require';

  test.each(['p@ss:w/rd?#[]', '100%25 é 里', "';\\ +&=", 'plain'])(
    'the password %j reaches the database as it is',
    (password) => {
      const files = [
        { MILEPOST_DATABASE_PASSWORD: password },
        { MILEPOST_DATABASE_PASSWORD_FILE: fileOf(`${password}\n`) },
      ];
      for (const given of files) {
        const { databaseUrl = '' } = readConfig({ DATABASE_URL, ...given });
        const client = new pg.Client(databaseUrl);
        expect([client.user, client.password, client.host, client.port, client.database]).toEqual([
          'milepost',
          password,
          'postgres',
          5432,
          'milepost',
        ]);
        expect(databaseUrl).toContain('?sslmode=require');
      }
    },
  );

  test('the admin key may be in a file', () => {
    for (const end of ['', '\n', '\r\n', '\n\n', '\r\n\r\n'])
      expect(readConfig({ MILEPOST_ADMIN_KEY_FILE: fileOf(`${'k'.repeat(32)}${end}`) }).adminKey).toBe('k'.repeat(32));
  });

  test.each<[string, Record<string, string>, string]>([
    [
      'a missing file',
      { MILEPOST_ADMIN_KEY_FILE: '/nowhere/key' },
      'The file of MILEPOST_ADMIN_KEY_FILE cannot be read: ENOENT',
    ],
    [
      'an empty file',
      { DATABASE_URL, MILEPOST_DATABASE_PASSWORD_FILE: fileOf('\n') },
      'of MILEPOST_DATABASE_PASSWORD_FILE is empty',
    ],
    ['a short key', { MILEPOST_ADMIN_KEY_FILE: fileOf('secret') }, 'MILEPOST_ADMIN_KEY_FILE has no key in it'],
    [
      'two keys',
      { MILEPOST_ADMIN_KEY: 'k'.repeat(32), MILEPOST_ADMIN_KEY_FILE: '/x' },
      'MILEPOST_ADMIN_KEY and MILEPOST_ADMIN_KEY_FILE are both set',
    ],
    [
      'two passwords',
      { DATABASE_URL: 'postgres://a:secret@b/c', MILEPOST_DATABASE_PASSWORD: 'secret' },
      'Set only one of them.',
    ],
    ['a password without a database', { MILEPOST_DATABASE_PASSWORD: 'secret' }, 'DATABASE_URL is not'],
    [
      'a password of an address that is none',
      { DATABASE_URL: 'postgres://a@b:99999/c', MILEPOST_DATABASE_PASSWORD: 'secret' },
      'needs a user and a host',
    ],
    [
      'a password without a host',
      { DATABASE_URL: 'postgres:///c', MILEPOST_DATABASE_PASSWORD: 'secret' },
      'needs a user and a host',
    ],
  ])('%s is named without what is secret', (_what, environment, message) => {
    expect(() => readConfig(environment)).toThrow(message);
    expect(() => readConfig(environment)).not.toThrow('secret');
  });
});

test('the change log can be kept for ever', () => {
  expect(readConfig({ MILEPOST_LOG_KEEP: 'forever' }).logKeepDays).toBeNull();
});

test('what follows from other variables is said by them, unless it is set itself', () => {
  expect(readConfig({ MILEPOST_CORS_ORIGINS: 'off' }).corsOrigins).toEqual([]);
  expect(readConfig({ MILEPOST_CORS_ORIGINS: 'capacitor://localhost' }).corsOrigins).toEqual(['capacitor://localhost']);
  expect(readConfig({ MILEPOST_INTROSPECTION: 'off' })).toMatchObject({ introspection: false, suggestions: false });
  expect(readConfig({ MILEPOST_SUGGESTIONS: 'off' })).toMatchObject({ introspection: true, suggestions: false });
  expect(readConfig({ MILEPOST_TRUSTED_DOCUMENTS: 'a.json' }).graphiql).toBe(false);
  expect(readConfig({ MILEPOST_GRAPHIQL: 'off' }).graphiql).toBe(false);
});

describe('a variable of our prefix that there is not is named', () => {
  test.each([
    ['MILEPOST_LOGKEEP', '30', 'did you mean MILEPOST_LOG_KEEP?'],
    ['MILEPOST_DATADIR', '/data', 'did you mean MILEPOST_DATA_DIR?'],
    ['MILEPOST_PORT', '5000', 'did you mean PORT?'],
    ['MILEPOST_DATABASE_URL', 'postgres://user:secret@db.example/x', 'did you mean DATABASE_URL?'],
    ['MILEPOST_WHATEVER', '1', 'there are MILEPOST_DATA_DIR, MILEPOST_DATABASE_PASSWORD, '],
  ])('%s=%s', (name, value, advice) => {
    const complaint = complaintOf({ [name]: value });
    expect(complaint.startsWith(`${name} is not known; ${advice}`)).toBe(true);
    expect(complaint).not.toContain('secret');
  });

  test('together with what else is wrong', () => {
    expect(complaintOf({ PORT: 'x', MILEPOST_SEDE: 'off' }).split('\n')).toEqual([
      'MILEPOST_SEDE is not known; did you mean MILEPOST_SEED?',
      expect.stringMatching(/^PORT is "x"; /),
    ]);
  });

  test('but not one that is empty, nor those that Kubernetes sets for a service of our name', () => {
    const environment = {
      MILEPOST_LOGKEEP: '',
      MILEPOST_SERVICE_HOST: '10.0.0.11',
      MILEPOST_SERVICE_PORT: '4000',
      MILEPOST_PORT: 'tcp://10.0.0.11:4000',
      MILEPOST_PORT_4000_TCP: 'tcp://10.0.0.11:4000',
      MILEPOST_PORT_4000_TCP_PROTO: 'tcp',
      MILEPOST_PORT_4000_TCP_PORT: '4000',
      MILEPOST_PORT_4000_TCP_ADDR: '10.0.0.11',
    };
    expect(readConfig(environment)).toEqual(DEFAULTS);
  });
});

describe('a bad variable is named, with what it is and what is allowed', () => {
  test.each([
    ['PORT', '65536', 'a port number, 0 to 65535 (0: any free port)'],
    ['PORT', '-1', 'a port number, 0 to 65535 (0: any free port)'],
    ['PORT', '80.5', 'a port number, 0 to 65535 (0: any free port)'],
    ['PORT', 'http', 'a port number, 0 to 65535 (0: any free port)'],
    ['PORT', ' ', 'a port number, 0 to 65535 (0: any free port)'],
    ['PORT', '0x50', 'a port number, 0 to 65535 (0: any free port)'],
    ['MILEPOST_READ_ACCESS', 'private', 'public or key'],
    ['MILEPOST_SEED', 'true', 'on or off'],
    ['MILEPOST_TRUST_PROXY', 'yes', 'on or off'],
    ['MILEPOST_METRICS_PORT', '0', 'a port number, 1 to 65535'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'an address that begins with http:// or https://'],
    ['MILEPOST_LOG_KEEP', '0', 'a number of days from 1 to 36500, or forever'],
    ['MILEPOST_LOG_KEEP', 'always', 'a number of days from 1 to 36500, or forever'],
    ['MILEPOST_DATABASE_CONNECTIONS', '4', 'a number from 5 to 200'],
    ['MILEPOST_DATABASE_CONNECTIONS', '201', 'a number from 5 to 200'],
    ['MILEPOST_QUERIES_AT_ONCE', '0', 'a number from 1 to 1000'],
    ['MILEPOST_MAX_COST', '0', 'a number from 1 to 1000000'],
    ['MILEPOST_ANSWER_CACHE_MIB', '65537', 'a number of MiB from 0 (off) to 65536'],
    ['MILEPOST_DRAIN_SECONDS', '0', 'a number of seconds from 1 to 300'],
    ['MILEPOST_MAX_SUBSCRIPTIONS_PER_SOCKET', '0', 'a number from 1 to 10000'],
    ['MILEPOST_MAX_SOCKETS_PER_ADDRESS', '1000001', 'a number from 1 to 1000000'],
    ['MILEPOST_CORS_ORIGINS', 'on', '*, off, or origins such as https://charts.example, with commas between them'],
    [
      'MILEPOST_CORS_ORIGINS',
      'charts.example',
      '*, off, or origins such as https://charts.example, with commas between them',
    ],
    [
      'MILEPOST_CORS_ORIGINS',
      'https://charts.example/',
      '*, off, or origins such as https://charts.example, with commas between them',
    ],
    [
      'MILEPOST_CORS_ORIGINS',
      'https://charts.example:443',
      '*, off, or origins such as https://charts.example, with commas between them',
    ],
    [
      'MILEPOST_CORS_ORIGINS',
      'https://*.example',
      '*, off, or origins such as https://charts.example, with commas between them',
    ],
    ['MILEPOST_CORS_ORIGINS', 'null', '*, off, or origins such as https://charts.example, with commas between them'],
    [
      'MILEPOST_CORS_ORIGINS',
      'https://a.example *',
      '*, off, or origins such as https://charts.example, with commas between them',
    ],
    ['MILEPOST_GRAPHIQL', 'yes', 'on or off'],
    ['MILEPOST_INTROSPECTION', 'false', 'on or off'],
    ['MILEPOST_SUGGESTIONS', '0', 'on or off'],
    ['LOG_LEVEL', 'verbose', 'one of fatal, error, warn, info, debug, trace, silent'],
  ])('%s=%s', (name, value, allowed) => {
    expect(complaintOf({ [name]: value })).toBe(`${name} is "${value}"; allowed is ${allowed}.`);
  });

  test('all of them at once, a line each', () => {
    const lines = complaintOf({ PORT: 'x', MILEPOST_SEED: 'x', LOG_LEVEL: 'x', HOST: 'fine' }).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['PORT', 'MILEPOST_SEED', 'LOG_LEVEL']);
  });

  test.each([
    ['MILEPOST_ADMIN_KEY', 'too-short-a-secret'],
    ['MILEPOST_ADMIN_KEY', 'a secret that has spaces, which no header carries'],
    ['MILEPOST_ADMIN_KEY', 's'.repeat(257)],
    ['DATABASE_URL', 'mysql://user:secret@db.example/milepost'],
    ['DATABASE_URL', 'db.example'],
  ])('but a secret is not repeated: %s=%.20s', (name, secret) => {
    const complaint = complaintOf({ [name]: secret });
    expect(complaint).toMatch(new RegExp(`^${name} is "…"; allowed is `));
    expect(complaint).not.toContain(secret);
  });
});
