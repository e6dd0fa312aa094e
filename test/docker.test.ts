import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../src/config.ts';

const ROOT = new URL('..', import.meta.url);
const INSTANCES = ['milepost-1', 'milepost-2'];
/** What stopping may take beyond the time for letting connections go; main.ts ends the process then. */
const STOP_SECONDS = 8;

interface Service {
  readonly build?: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
}

/** A line of a Dockerfile: its instruction and what follows. */
type Line = readonly [instruction: string, rest: string];

const services = await readServices();
const stages = await readStages();
const lastStage = stages.at(-1) ?? [];

test('two instances share one Postgres, start once it is healthy, and require a key', () => {
  const addresses = INSTANCES.map((name) => service(name).environment.DATABASE_URL);
  expect(new Set(addresses).size).toBe(1);
  expect(addresses[0]).toMatch(/@postgres:5432\/milepost$/);
  expect(service('postgres').healthcheck?.test).toContain('pg_isready');
  expect(service('postgres').volumes).toEqual(['postgres:/var/lib/postgresql/data']);
  for (const name of INSTANCES) {
    expect(service(name).depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(service(name).environment.MILEPOST_ADMIN_KEY).toMatch(/^\$\{MILEPOST_ADMIN_KEY:\?.+\}$/);
  }
});

test('the packages that the pages are built of are installed without those for development, and are not in the image', async () => {
  const { dependencies } = JSON.parse(await read('package.json')) as { dependencies: Record<string, string> };
  const used = new Set<string>();
  for (const page of ['dashboard', 'graphiql']) {
    const names = await readdir(new URL(`${page}/`, ROOT), { recursive: true });
    for (const name of names.filter((one) => /\.tsx?$/.test(one) && !one.includes('generated')))
      for (const [, from = ''] of (await read(`${page}/${name}`)).matchAll(/(?:from|import) '([^'./][^']*)'/g))
        used.add(packageOf(from));
  }
  const removed = stages
    .flat()
    .flatMap(([, rest]) => rest.split(/\s+/))
    .filter((word) => word in dependencies);
  // The server needs this one as well.
  used.delete('graphql');
  used.delete('graphql-ws');
  expect([...used].filter((name) => !(name in dependencies))).toEqual([]);
  expect([...used].filter((name) => !removed.includes(name))).toEqual([]);
});

/** `@urql/preact/x` is of the package `@urql/preact`. */
function packageOf(from: string): string {
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

test('instances have enough time to close their connections', () => {
  const { drainSeconds } = readConfig({});
  for (const name of INSTANCES) {
    expect(Number.parseInt(service(name).stop_grace_period ?? '', 10)).toBeGreaterThan(drainSeconds + STOP_SECONDS);
  }
});

test('the proxy waits for both instances, uses both, and passes both kinds of subscription', async () => {
  const { depends_on, ports, volumes } = service('proxy');
  expect(depends_on).toEqual(Object.fromEntries(INSTANCES.map((name) => [name, { condition: 'service_healthy' }])));
  expect(ports).toEqual(['4000:4000']);
  const [mounted = ''] = volumes ?? [];
  expect(mounted).toBe('./docker/nginx.conf:/etc/nginx/nginx.conf:ro');
  const nginx = await read('docker/nginx.conf');
  const port = settingOf('ENV', /\bPORT=(\d+)/);
  for (const name of INSTANCES) expect(nginx).toContain(`server ${name}:${port};`);
  expect(nginx).toContain('proxy_set_header Upgrade $http_upgrade;');
  expect(nginx).toContain('proxy_buffering off;');
  // Otherwise an EventSource that connects while no instance runs gives up for good.
  expect(nginx).toMatch(/error_page 502 504 = @away;.*default_type text\/event-stream;.*return 200 "retry: /s);
});

test('every variable that is set is one that the configuration reads', async () => {
  const known = await read('src/config.ts');
  const environment = INSTANCES.flatMap((name) => Object.keys(service(name).environment));
  const set = [...settingOf('ENV', /(.+)/).matchAll(/(\w+)=/g)].map(([, name]) => name as string);
  for (const name of [...environment, ...set.filter((each) => each !== 'NODE_ENV')]) {
    expect(known).toContain(`  ${name}: {`);
  }
});

test('every file that the image copies from the clone exists, and .dockerignore does not exclude it', async () => {
  const ignored = (await read('.dockerignore')).split('\n');
  expect(ignored).toContain('*');
  const sources = stages.flat().flatMap(([instruction, rest]) => (instruction === 'COPY' ? sourcesOf(rest) : []));
  expect(sources.length).toBeGreaterThan(5);
  for (const source of sources) {
    expect(existsSync(new URL(source, ROOT)), source).toBe(true);
    expect(ignored).toContain(`!${source.split('/')[0]}`);
  }
});

test('the image has every file that the sources read', async () => {
  const copied = lastStage.flatMap(([instruction, rest]) =>
    instruction === 'COPY' ? [...sourcesOf(rest), ...builtOf(rest)] : [],
  );
  const needed = await readPathsBelowRoot();
  expect(needed).toEqual(expect.arrayContaining(['prisma/migrations', 'dist/graphiql/']));
  for (const path of needed)
    expect(
      copied.some((source) => `${path}/`.startsWith(`${source}/`)),
      path,
    ).toBe(true);
  const { scripts } = JSON.parse(await read('package.json'));
  const [flag] = scripts.start.match(/--\S+/) ?? [];
  expect(lastStage).toContainEqual(['CMD', `["node", "--enable-source-maps", "${flag}", "dist/main.js"]`]);
  expect(lastStage.find(([, rest]) => rest.includes('/app/dist/main.js'))?.[0]).toBe('COPY');
});

test('the image does not run as root, has a health check, and stops on a signal that the server handles', () => {
  expect(settingOf('USER', /(.+)/)).toBe('node');
  expect(settingOf('HEALTHCHECK', /(\/\w+`)/)).toBe('/readyz`');
  expect(settingOf('STOPSIGNAL', /(.+)/)).toBe('SIGTERM');
  expect(settingOf('VOLUME', /(.+)/)).toBe(/MILEPOST_DATA_DIR=(\S+)/.exec(settingOf('ENV', /(.+)/))?.[1]);
  for (const [[instruction, rest] = []] of stages) {
    expect(instruction).toBe('FROM');
    expect(rest).toMatch(/^node:\d+-slim( AS \w+)?$/);
  }
});

function service(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
  return found;
}

function read(path: string): Promise<string> {
  return readFile(new URL(path, ROOT), 'utf8');
}

async function readServices(): Promise<Readonly<Record<string, Service>>> {
  const file = parse(await read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
  return file.services;
}

async function readStages(): Promise<readonly (readonly Line[])[]> {
  const text = (await read('Dockerfile')).replace(/^#.*\n/gm, '').replace(/\\\n\s*/g, '');
  const lines = text.split('\n').flatMap((line): Line[] => {
    const [, instruction, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    return instruction === undefined || rest === undefined ? [] : [[instruction, rest]];
  });
  const starts = lines.flatMap(([instruction], index) => (instruction === 'FROM' ? [index] : []));
  return starts.map((start, index) => lines.slice(start, starts[index + 1]));
}

/** What the pattern finds in an instruction of the final stage. */
function settingOf(instruction: string, pattern: RegExp): string {
  const rest = lastStage.find(([name]) => name === instruction)?.[1] ?? '';
  return pattern.exec(rest)?.[1] ?? '';
}

/** What a COPY takes from the folder of the first stage. */
function builtOf(rest: string): readonly string[] {
  return [...rest.matchAll(/\/app\/(\S+)/g)].map(([, path]) => path as string);
}

/** What a COPY takes from the clone; nothing when it takes from another stage. */
function sourcesOf(rest: string): readonly string[] {
  return rest.startsWith('--from=') ? [] : rest.split(' ').slice(0, -1);
}

/** The paths in the clone that the sources read when they run: new URL('…', ROOT). */
async function readPathsBelowRoot(): Promise<readonly string[]> {
  const files = (await readdir(new URL('src', ROOT), { recursive: true })).filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all([...files.map((file) => `src/${file}`), 'prisma/seed/seed.ts'].map(read));
  return texts.flatMap((text) =>
    [...text.matchAll(/new URL\(['`]([^'`$]+)[^)]*, ROOT\)/g)].map(([, path]) => path as string),
  );
}
