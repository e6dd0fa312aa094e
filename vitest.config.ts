import { defineConfig } from 'vitest/config';
import { relayTags } from './test/support/relay-tags.ts';

/** Need no database, so they run once. */
export const PLAIN = [
  'test/*.test.ts',
  'test/acceptance/refused-start.test.ts',
  'test/cli/*.test.ts',
  'test/changes/{cursor,tail}.test.ts',
  'test/clients/files.test.ts',
  'test/dashboard/*.test.ts',
  'test/database/data-folder.test.ts',
  'test/domain/catalog/{apart.property,memberships,name-index.property}.test.ts',
  'test/domain/claims/{breaks.property,claim-order*,plausibility.property,timeline.property}.test.ts',
  'test/domain/estimates/{citation,explanation,families*,long-histories,missing*,network*,observation-entry,percentage,voices*}.test.ts',
  'test/domain/estimates/{stretch*,weighing*,withdrawing*}.test.ts',
  'test/domain/targets/{claims,progress,projection}.test.ts',
  'test/domain/values/*.test.ts',
  'test/execution/{admission,batches,deltas,event-group,hot-answers,json-patch*,lifetime,live-group,run-operation*,scheduler}.test.ts',
  'test/execution/pace.test.ts',
  'test/execution/payload.test.ts',
  'test/execution/shared-operation.test.ts',
  'test/execution/{subscriptions,turns}.test.ts',
  'test/graphiql/*.test.ts',
  'test/local/*.test.ts',
  'test/graphql/contract.test.ts',
  'test/graphql/keyset.test.ts',
  'test/graphql/operation-coverage.test.ts',
  'test/http/{arriving,clients,connections,dashboard,frame,graphiql,health,manifest,network,outbox,page-policy,tight}.test.ts',
  'test/telemetry/*.test.ts',
];
/** Need a server that several processes share, that can be silent or away, or that does several writes at once. */
const ON_POSTGRES = [
  'test/acceptance/backup-postgres.test.ts',
  'test/acceptance/{chaos,drain,outage,readme-outage,silence,failures}.test.ts',
  'test/database/{silence,unavailable}.test.ts',
  'test/domain/verify/parallel-writes.test.ts',
  'test/execution/{deadline,lanes,retry}.test.ts',
  'test/http/shared-store.test.ts',
];
/** Test a transport or a client, which is the same on every database: run once, on the faster one. */
const OF_A_TRANSPORT = [
  'test/acceptance/{faults,readme-clients,traces,urql}.test.ts',
  'test/clients/*.test.ts',
  'test/http/{badge,behind-a-stream,budget,counted,delta-size,deltas,endings,event-stream,floods,key-renewal,origins,read-access}.test.ts',
  'test/http/{reading-in-turns,requests,same-code,security-headers,switches,trusted-documents,unread,waiting-answers}.test.ts',
  'test/http/websocket-hostile.test.ts',
  'test/http/{websocket-outage,websocket-reading,writing-types,ws-protocol}.test.ts',
];
/**
 * Test at length, or with many random cases, what is answered and what follows from writes. That comes from the same statements on every
 * database: run once, on the faster one. Shorter tests of the same run on both.
 */
const AT_LENGTH = [
  'test/domain/boards/{alliance-total,boards,leaderboard,metrics,seed,series,totals}.test.ts',
  'test/domain/boards/alliance-total.property.test.ts',
  'test/domain/estimates/worked-answers.test.ts',
  'test/domain/verify/{incremental,replay}.test.ts',
  'test/execution/{affected,live,moves}.property.test.ts',
  'test/graphql/{as-of-milestones,asked-details,paging,paths}.test.ts',
];
/** Need the data folder. */
const ON_EMBEDDED = ['test/acceptance/{backup,durable}.test.ts'];
/** Everything else runs on both databases. */
const TESTS = ['test/**/*.test.ts'];
const NOT_ON_A_DATABASE = ['test/browser/**', 'test/fuzz/**', 'test/pooler/**', ...PLAIN];

export default defineConfig({
  plugins: [relayTags()],
  // As Node itself resolves it: by its module field Vite would load a second copy, next to the one of the packages that use it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    pool: 'forks',
    // One more than the two cores that most machines have at least: many tests wait for a timeout most of their time.
    maxWorkers: 3,
    // Loading the product again for each file takes as long as the tests.
    isolate: false,
    // What a run keeps of a failure is its message alone.
    chaiConfig: { truncateThreshold: 2_000 },
    setupFiles: ['test/support/plugins.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'plain', include: PLAIN } },
      {
        extends: true,
        test: {
          include: TESTS,
          exclude: [...NOT_ON_A_DATABASE, ...ON_POSTGRES, ...OF_A_TRANSPORT, ...AT_LENGTH],
          name: 'embedded',
          provide: { backend: 'embedded' },
          globalSetup: 'test/support/embedded-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          include: TESTS,
          exclude: [...NOT_ON_A_DATABASE, ...ON_EMBEDDED],
          name: 'postgres',
          provide: { backend: 'postgres' },
          globalSetup: 'test/support/postgres-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          provide: { backend: 'embedded' },
          globalSetup: 'test/support/embedded-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts'],
          provide: { backend: 'embedded' },
          globalSetup: 'test/support/embedded-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          name: 'pooler',
          include: ['test/pooler/**/*.test.ts'],
          provide: { backend: 'postgres' },
          globalSetup: 'test/support/postgres-setup.ts',
        },
      },
    ],
  },
});
