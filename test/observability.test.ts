import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createLogger } from '../src/logger.ts';
import { createExposition } from '../src/telemetry/exposition.ts';
import { gaugesOf, type Parts } from '../src/telemetry/gauges.ts';
import { createTelemetry } from '../src/telemetry/telemetry.ts';

const ROOT = new URL('..', import.meta.url);
const DASHBOARD = 'docker/grafana/dashboards/milepost.json';
/** What Prometheus adds about each target itself. */
const OF_PROMETHEUS = 'up';
/** Functions and words of expressions; what follows "by" and "on", and labels, is taken out before. */
const WORDS = /\b(sum|max|min|topk|rate|histogram_quantile|min_over_time|by|on|and|or|label_values)\b/g;

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: { readonly uid: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly Target[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: { readonly query: string } }[] };
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Service {
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const POOL = { total: 1, idle: 1, waiting: 0 };
const QUEUE = { waiting: 0, admitted: 0, allowed: 1 };
/** What has numbers, besides the telemetry. */
const PARTS = {
  telemetry: { statements: new Map() },
  admission: { light: QUEUE, heavy: QUEUE },
  hot: { counts: { hit: 0, shared: 0, miss: 0 }, size: 0, bytes: 0 },
  tail: { position: 1n, behindMs: 0, counts: { reads: 0, polls: 0, notifications: 0, ownWrites: 0 } },
  subscriptions: { counts: { executions: 0, deliveries: 0 }, groupsOf: { events: 0, live: 0 } },
  connections: { loads: () => [] },
  database: { pools: () => ({ log: POOL, push: POOL, live: POOL, write: POOL, read: POOL }) },
  report: () => ({ ready: true, checks: { database: true } }),
  head: () => 1,
};

/** The metrics that /metrics has, by name, with the labels of each. */
let exposed: ReadonlyMap<string, ReadonlySet<string>>;

beforeAll(async () => {
  exposed = await readExposed();
});

test('the dashboard asks for metrics and labels that there are, and each of its panels says what it shows', async () => {
  const { panels, templating } = JSON.parse(await read(DASHBOARD)) as Dashboard;
  const shown = panels.filter(({ type }) => type !== 'row');
  expect(shown.length).toBeGreaterThan(15);
  for (const { title, description, datasource, fieldConfig, targets } of shown) {
    expect(title).not.toBe('');
    expect([title, description]).toEqual([title, expect.stringMatching(/\.$/)]);
    expect([title, datasource]).toEqual([title, { type: 'prometheus', uid: 'prometheus' }]);
    expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.stringMatching(/^\w+$/)]);
    expect([title, targets?.length]).not.toEqual([title, 0]);
    for (const target of targets ?? []) {
      expect(target.datasource.uid).toBe('prometheus');
      expect(target.legendFormat).not.toBe('');
      expect(strangersIn(target.expr), target.expr).toEqual([]);
    }
  }
  for (const { query } of templating.list) expect(strangersIn(query.query)).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(shown.map(({ title }) => title)).size).toBe(shown.length);
});

test('every metric of ours is in the dashboard', async () => {
  const { panels } = JSON.parse(await read(DASHBOARD)) as Dashboard;
  const used = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr))));
  const ours = [...exposed.keys()].filter((name) => name.startsWith('milepost_') && !/_(sum|count)$/.test(name));
  // Told otherwise: the number of answers by their bytes, and the end of the log by what is not read of it.
  const left = ['milepost_answer_cache_answers', 'milepost_log_head_position'];
  expect(ours.filter((name) => !used.has(name)).sort()).toEqual(left);
});

test('a check that could not be looked at has no sample', async () => {
  const checks = gaugesOf({
    ...PARTS,
    report: () => ({ ready: false, checks: { database: false, notStopping: true, log: null, writing: null } }),
  } as unknown as Parts);
  const { text } = await createExposition(checks, async () => undefined)();
  expect(text.match(/^milepost_check\{.*$/gm)).toEqual([
    'milepost_check{check="database"} 0',
    'milepost_check{check="notStopping"} 1',
  ]);
});

test('the panels of the dashboard do not lie on each other', async () => {
  const { panels } = JSON.parse(await read(DASHBOARD)) as Dashboard;
  const taken = new Set<string>();
  for (const { title, gridPos } of panels) {
    expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect([title, taken.has(`${x} ${y}`)]).toEqual([title, false]);
        taken.add(`${x} ${y}`);
      }
  }
});

test('the alerts ask for metrics and labels that there are, and say what they mean', async () => {
  const { groups } = parse(await read('docker/prometheus/alerts.yml')) as {
    groups: readonly { rules: readonly Alert[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules);
  expect(alerts.length).toBeGreaterThan(5);
  for (const { alert, expr, for: lasting, labels, annotations } of alerts) {
    expect(alert).toMatch(/^Milepost[A-Z]\w+$/);
    expect(strangersIn(expr), alert).toEqual([]);
    expect(lasting).toMatch(/^\d+m$/);
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary).not.toBe('');
    expect(annotations.description).toMatch(/\.$/);
    expect(bracketsMatch(expr), alert).toBe(true);
  }
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  // What to do is told in a table, in the same order.
  const table = [...(await read('docs/operations.md')).matchAll(/^\| `(Milepost\w+)` \|/gm)].map(([, name]) => name);
  expect(table).toEqual(alerts.map(({ alert }) => alert));
});

test('Prometheus asks the port that the instances open, and Grafana asks Prometheus', async () => {
  const { services } = parse(await read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, Service>;
  };
  const prometheus = parse(await read('docker/prometheus.yml')) as {
    rule_files: readonly string[];
    scrape_configs: readonly { job_name: string; static_configs: readonly { targets: readonly string[] }[] }[];
  };
  const [scrape] = prometheus.scrape_configs;
  expect(scrape?.job_name).toBe('milepost');
  const targets = scrape?.static_configs.flatMap((config) => config.targets) ?? [];
  expect(targets).toHaveLength(2);
  for (const target of targets) {
    const [name = '', port] = target.split(':');
    expect(services[name]?.environment).toMatchObject({
      MILEPOST_METRICS_PORT: port,
      MILEPOST_METRICS_HOST: '0.0.0.0',
    });
    // Inside the network only.
    expect((services[name]?.ports ?? []).join()).not.toContain(String(port));
  }
  for (const name of ['prometheus', 'grafana']) {
    expect(services[name]?.profiles).toEqual(['observability']);
    for (const port of services[name]?.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    const mounted = (services[name]?.volumes ?? []).filter((volume) => volume.startsWith('./'));
    for (const volume of mounted) expect(existsSync(new URL(volume.split(':')[0] as string, ROOT)), volume).toBe(true);
  }
  const rules = (services.prometheus?.volumes ?? []).map((volume) => volume.split(':')[1]);
  expect(rules).toEqual(expect.arrayContaining([...prometheus.rule_files]));
  const sources = parse(await read('docker/grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: readonly { uid: string; type: string; url: string }[];
  };
  expect(sources.datasources).toMatchObject([{ uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090' }]);
  const provided = parse(await read('docker/grafana/provisioning/dashboards/milepost.yml')) as {
    providers: readonly { options: { path: string } }[];
  };
  const [path] = provided.providers.map(({ options }) => options.path);
  expect(services.grafana?.volumes).toContain(`./docker/grafana/dashboards:${path}:ro`);
  expect(services.grafana?.environment?.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(`${path}/milepost.json`);
});

/** The metrics and labels of an expression that are not exposed. */
function strangersIn(expr: string): readonly string[] {
  const metrics = metricsIn(expr);
  if (metrics.length === 0) return [`no metric in ${expr}`];
  const strangers = metrics.filter((name) => name !== OF_PROMETHEUS && !exposed.has(name));
  const labels = [...expr.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, name = '', selector = '']) =>
    [...selector.matchAll(/(\w+)(?==~?"|!=")/g)]
      .map(([, label]) => label as string)
      .filter((label) => !['instance', 'job'].includes(label) && exposed.get(name)?.has(label) !== true)
      .map((label) => `${name}{${label}}`),
  );
  return [...strangers, ...labels];
}

function metricsIn(expr: string): readonly string[] {
  const bare = expr
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b(by|on) *\([^)]*\)/g, '')
    .replace(/, instance\)/, ')')
    .replace(WORDS, '');
  return [...bare.matchAll(/\b[a-z]\w+\b/g)].map(([name]) => name);
}

function bracketsMatch(expr: string): boolean {
  const depth = [...expr].reduce(
    (open, sign) => (open < 0 ? open : open + (sign === '(' ? 1 : sign === ')' ? -1 : 0)),
    0,
  );
  return depth === 0;
}

/** Everything that a server on Postgres exposes, after each thing that is counted has happened once. */
async function readExposed(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const telemetry = createTelemetry(createLogger('silent'), null);
  const { meters } = telemetry;
  const meter = meters.operation({ transport: 'http', requestId: 'a' });
  meter.understood({ name: 'A', type: 'query', cost: 1 }, false);
  meter.ended('answered', [{ extensions: { code: 'BAD_USER_INPUT' } }]);
  meters.begin('admission')();
  meters.statement('read', 'select 1')(true);
  meters.pushed({ kind: 'events', readers: 1, committedAt: 0, isOurs: true });
  const metrics = [...telemetry.metrics, ...gaugesOf({ ...PARTS, telemetry } as unknown as Parts)];
  const { text } = await createExposition(metrics, async () => undefined)();
  const found = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = found.get(name) ?? new Set<string>();
    found.set(name, known);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
  }
  return found;
}

function read(path: string): Promise<string> {
  return readFile(new URL(path, ROOT), 'utf8');
}
