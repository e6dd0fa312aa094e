import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../src/config.ts';

const ROOT = new URL('..', import.meta.url);
const INSTANCES = ['milepost-1', 'milepost-2'];
/** What stopping may take beyond the time for letting connections go; main.ts ends the process then. */
const STOP_SECONDS = 8;

interface Service {
  readonly build?: { readonly context: string };
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly cpus?: number;
  readonly pids_limit?: number;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly secrets?: readonly string[];
  readonly networks?: readonly string[];
  readonly profiles?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
}

/** A line of a Dockerfile: its instruction and what follows. */
type Line = readonly [instruction: string, rest: string];

const { services, secrets, networks } = await readCompose();
const stages = await readStages();
const lastStage = stages.at(-1) ?? [];

test('two instances share one Postgres, start once it is healthy, and require a key', () => {
  const addresses = INSTANCES.map((name) => service(name).environment.DATABASE_URL);
  expect(new Set(addresses).size).toBe(1);
  expect(addresses[0]).toBe('postgres://milepost@postgres:5432/milepost');
  expect(service('postgres').healthcheck?.test).toContain('pg_isready');
  expect(service('postgres').volumes).toEqual([
    'postgres:/var/lib/postgresql/data',
    './docker/postgres:/docker-entrypoint-initdb.d:ro',
  ]);
  for (const name of INSTANCES) {
    expect(service(name).depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(service(name).environment.MILEPOST_ADMIN_KEY_FILE).toBe('/run/secrets/admin-key');
    expect(service(name).secrets).toEqual(['database-password', 'admin-key']);
  }
});

test('every service is confined: nothing to write but what is named, no privileges, limits', () => {
  expect(Object.keys(services).sort()).toEqual(expect.arrayContaining([...INSTANCES, 'postgres', 'proxy']));
  for (const [name, one] of Object.entries(services)) {
    expect({
      name,
      read_only: one.read_only,
      cap_drop: one.cap_drop,
      cap_add: one.cap_add,
      privileged: one.privileged,
    }).toEqual({
      name,
      read_only: true,
      cap_drop: ['ALL'],
      cap_add: undefined,
      privileged: undefined,
    });
    expect(one.security_opt, name).toContain('no-new-privileges:true');
    for (const limit of [one.mem_limit, one.cpus, one.pids_limit]) expect(limit, name).toBeDefined();
    // The image of Milepost has its user.
    if (one.build === undefined) expect(one.user, name).toMatch(/^(?!root|0)/);
  }
});

test('only the proxy can be reached from outside, and only the instances reach Postgres', () => {
  const published = Object.keys(services).flatMap((name) => (service(name).ports ?? []).map((port) => [name, port]));
  // What shows the metrics can be reached from this machine only.
  const outside = published.filter(([, port]) => !port?.startsWith('127.0.0.1:'));
  expect(outside).toEqual([['proxy', '4000:4000']]);
  for (const name of Object.keys(services).filter((one) => service(one).profiles !== undefined))
    expect(service(name).networks).toEqual(['web']);
  expect(networks.database).toEqual({ internal: true });
  expect(service('postgres').networks).toEqual(['database']);
  expect(service('proxy').networks).toEqual(['web']);
});

test('images are named by a version that docker/pin-images.sh can replace by a digest', async () => {
  const script = await read('docker/pin-images.sh');
  const inFile = new Map<string, string>();
  for (const [, variable = '', image = ''] of (await read('docker-compose.yml')).matchAll(
    /\$\{(\w+_IMAGE):-([^}]+)\}/g,
  )) {
    expect(script).toContain(`pin ${variable} ${image}\n`);
    inFile.set(variable, image);
  }
  expect([...inFile.keys()].sort()).toEqual([
    'GRAFANA_IMAGE',
    'NGINX_IMAGE',
    'NODE_IMAGE',
    'POSTGRES_IMAGE',
    'PROMETHEUS_IMAGE',
  ]);
  expect(await read('Dockerfile')).toContain(`ARG NODE_IMAGE=${inFile.get('NODE_IMAGE')}\n`);
  for (const { image, build } of Object.values(services)) if (build === undefined) expect(image).toMatch(/^\$\{/);
});

test('docker/pin-images.sh writes the digests that docker tells, and nothing when it tells none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-pin-'));
  try {
    await cp(new URL('docker/pin-images.sh', ROOT), join(folder, 'pin-images.sh'));
    const docker = join(folder, 'docker');
    const run = () =>
      spawnSync('sh', [join(folder, 'pin-images.sh')], { env: { PATH: `${folder}:${process.env.PATH}` } }).status;
    await writeFile(docker, '#!/bin/sh\necho "not there"\n', { mode: 0o755 });
    expect(run()).toBe(1);
    expect(existsSync(join(folder, 'images.env'))).toBe(false);
    await writeFile(docker, '#!/bin/sh\necho "sha256:$(printf %s "$4" | sha256sum | cut -c1-64)"\n', { mode: 0o755 });
    expect(run()).toBe(0);
    const lines = (await readFile(join(folder, 'images.env'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(line).toMatch(/^\w+_IMAGE=[\w/]+:[\w.-]+@sha256:[0-9a-f]{64}$/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('there is no default password, and the secrets are made once, at random, closed to others', async () => {
  const text = await read('docker-compose.yml');
  expect(text).not.toMatch(/PASSWORD: |POSTGRES_HOST_AUTH_METHOD|:-milepost/);
  for (const [name, { file }] of Object.entries(secrets)) expect(file).toBe(`docker/secrets/${name}`);
  for (const { secrets: used = [] } of Object.values(services))
    for (const name of used) expect(Object.keys(secrets)).toContain(name);
  const folder = await mkdtemp(join(tmpdir(), 'milepost-secrets-'));
  try {
    await cp(new URL('docker/make-secrets.sh', ROOT), join(folder, 'make-secrets.sh'));
    const make = (): void => void execFileSync('sh', [join(folder, 'make-secrets.sh')]);
    const readAll = () =>
      Promise.all(Object.keys(secrets).map((name) => readFile(join(folder, 'secrets', name), 'utf8')));
    make();
    const made = await readAll();
    expect(new Set(made).size).toBe(made.length);
    for (const secret of made) expect(readConfig({ MILEPOST_ADMIN_KEY: secret }).adminKey).toBe(secret);
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).toBe(0o700);
    make();
    expect(await readAll()).toEqual(made);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  expect(await read('.gitignore')).toContain('docker/secrets/');
  expect(await read('.dockerignore')).toContain('docker/secrets');
});

test('the file for TLS replaces the ports and the configuration of the proxy', async () => {
  const { services: replaced } = parse(await read('docker-compose.tls.yml'), { logLevel: 'silent' }) as Compose;
  expect(replaced.proxy?.ports).toEqual(['443:4443', '80:4080']);
  const nginx = await read('docker/nginx-tls.conf');
  for (const port of [4443, 4080]) expect(nginx).toMatch(new RegExp(`listen ${port}\\b`));
  for (const [, name = ''] of nginx.matchAll(/^include (nginx\/\S+);/gm))
    expect(existsSync(new URL(`docker/${name}`, ROOT))).toBe(true);
  expect(nginx).toContain('ssl_protocols TLSv1.2 TLSv1.3;');
  // Before everything else is sent to HTTPS.
  const [, root = ''] = /location \/\.well-known\/acme-challenge\/ \{\s+root (\S+);/.exec(nginx) ?? [];
  expect(replaced.proxy?.volumes).toContain(`./docker/acme:${root}:ro`);
  expect(existsSync(new URL('docker/acme', ROOT))).toBe(true);
});

test('the proxy bounds what a client may ask and how long it may take', async () => {
  const http = await read('docker/nginx/http.conf');
  for (const directive of [
    'server_tokens off',
    'client_header_timeout 10s',
    'client_body_timeout 10s',
    'limit_req zone=requests',
    'limit_conn connections',
    // Its /tmp is memory: it must not fill with bodies that arrive slowly.
    'proxy_request_buffering off',
  ])
    expect(http).toContain(directive);
  const { maxSocketsPerAddress } = readConfig({});
  expect(Number(/limit_conn connections (\d+);/.exec(http)?.[1])).toBeGreaterThan(maxSocketsPerAddress);
});

test('what the proxy answers itself has the headers that all answers have, and no log has variables', async () => {
  const own = await read('docker/nginx/own-answer.conf');
  for (const name of ['Strict-Transport-Security', 'X-Content-Type-Options', 'X-Request-Id'])
    expect(own).toMatch(new RegExp(`^add_header ${name} \\S+ always;$`, 'm'));
  const site = await read('docker/nginx/site.conf');
  const locations = [...site.matchAll(/^location [^{]+\{(.*?)^\}/gms)].map(([, body = '']) => body);
  const answering = locations.filter((body) => /^ {2}return /m.test(body));
  expect(answering).toHaveLength(3);
  for (const body of answering) expect(body).toContain('include nginx/own-answer.conf;');
  const ofJson = answering.filter((body) => /^ {2}default_type application\/json;$/m.test(body));
  expect(ofJson).toHaveLength(2);
  for (const body of ofJson) {
    expect(body).toMatch(/^ {2}add_header Retry-After \d+ always;$/m);
    const [, json = ''] = /return \d+ '(.*)\\n';/.exec(body) ?? [];
    expect(JSON.parse(json)).toMatchObject({ errors: [{ extensions: { code: 'TEMPORARILY_UNAVAILABLE' } }] });
  }
  for (const name of ['nginx', 'nginx-tls'])
    expect(await read(`docker/${name}.conf`)).toMatch(/map "" \$transport_security \{/);
  expect(await read('docker/nginx-tls.conf')).toContain('default "max-age=15768000";');
  // The line of the request is in errors of lower levels.
  expect(await read('docker/nginx/main.conf')).toMatch(/^error_log \/dev\/stderr crit;$/m);
  expect(await read('docker/nginx/http.conf')).not.toMatch(/log_format [^;]*\$request(_uri)?\b/);
});

test('systemd starts the server again for as long as a command has the data folder', async () => {
  const [, unit = ''] = /```ini\n(.*?)```/s.exec(await read('docs/operations.md')) ?? [];
  expect(unit).toMatch(/^\[Unit\]\n(?:.*\n)*?StartLimitIntervalSec=0\n\n\[Service\]\n/m);
  expect(unit).toMatch(/^Restart=on-failure\nRestartSec=2$/m);
  const stops = readConfig({}).drainSeconds + STOP_SECONDS;
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(stops);
});

test('the unit is set up in an order that works, and commands are given by a path that is there', async () => {
  const operations = await read('docs/operations.md');
  const order = ['useradd ', 'git clone', 'npm run generate', '/etc/milepost/admin-key', 'systemctl enable'];
  const places = order.map((step) => operations.indexOf(step));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  const paths = [...operations.matchAll(/\/opt\/milepost\/(\S+\.js)/g)].map(([, path]) => path);
  expect(new Set(paths)).toEqual(new Set(['dist/milepost.js']));
  expect(await read('README.md')).toContain('`npx milepost` works in the clone only');
});

test('milepost is a command of the image, with all that it imports', async () => {
  const command = lastStage.find(([, rest]) => rest.endsWith(' /usr/local/bin/milepost'));
  expect(command).toEqual(['COPY', '--chmod=0755 docker/milepost /usr/local/bin/milepost']);
  const [, program = ''] = /exec node .*\/app\/(dist\/\S+) "\$@"/.exec(await read('docker/milepost')) ?? [];
  expect(lastStage.some(([instruction, rest]) => instruction === 'COPY' && builtOf(rest).includes(program))).toBe(true);
  const { dependencies } = JSON.parse(await read('package.json')) as { dependencies: Record<string, string> };
  const removed = stages.flat().flatMap(([, rest]) => (rest.startsWith('npm uninstall') ? rest.split(/\s+/) : []));
  const { EXTERNAL } = await readExternal();
  for (const name of EXTERNAL.filter((one) => one !== 'esbuild')) {
    expect(Object.keys(dependencies)).toContain(name);
    expect(removed).not.toContain(name);
  }
});

/** The packages that the built programs import when they run. */
async function readExternal(): Promise<{ readonly EXTERNAL: readonly string[] }> {
  const [, list = ''] = /const EXTERNAL = \[([^\]]+)\]/.exec(await read('scripts/prepare.mjs')) ?? [];
  return { EXTERNAL: [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name as string) };
}

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
  expect(volumes).toEqual(['./docker/nginx.conf:/etc/nginx/nginx.conf:ro', './docker/nginx:/etc/nginx/nginx:ro']);
  const nginx = `${await read('docker/nginx/http.conf')}${await read('docker/nginx/site.conf')}`;
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
    expect(rest).toMatch(/^\$\{NODE_IMAGE\}( AS \w+)?$/);
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

async function readCompose(): Promise<Compose> {
  return parse(await read('docker-compose.yml'), { merge: true }) as Compose;
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
  return rest.startsWith('--from=')
    ? []
    : rest
        .split(' ')
        .slice(0, -1)
        .filter((word) => !word.startsWith('--'));
}

/** The paths in the clone that the sources read when they run: new URL('…', ROOT). */
async function readPathsBelowRoot(): Promise<readonly string[]> {
  const files = (await readdir(new URL('src', ROOT), { recursive: true })).filter((file) => file.endsWith('.ts'));
  const texts = await Promise.all([...files.map((file) => `src/${file}`), 'prisma/seed/seed.ts'].map(read));
  return texts.flatMap((text) =>
    [...text.matchAll(/new URL\(['`]([^'`$]+)[^)]*, ROOT\)/g)].map(([, path]) => path as string),
  );
}
