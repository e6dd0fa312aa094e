import { defineConfig } from 'vitest/config';

/** Need no database: run once. */
const PLAIN = [
  'test/*.test.ts',
  'test/changes/cursor.test.ts',
  'test/database/data-folder.test.ts',
  'test/domain/!(alliance-total.property).test.ts',
  'test/execution/admission.test.ts',
  'test/execution/pace.test.ts',
  'test/execution/payload.test.ts',
  'test/execution/shared-operation.test.ts',
  'test/execution/subscriptions.test.ts',
  'test/graphql/contract.test.ts',
  'test/graphql/keyset.test.ts',
  'test/http/frame.test.ts',
];
/** Need a server that several processes share, or that can be silent or away. */
const ON_POSTGRES = [
  'test/acceptance/{chaos,drain,outage,readme-outage,silence,trouble}.test.ts',
  'test/database/{silence,unavailable}.test.ts',
  'test/execution/{lanes,trouble}.test.ts',
];
/** Show how a transport is spoken, which is the same on every database: run once, on the faster one. */
const OF_A_TRANSPORT = [
  'test/acceptance/{faults,readme-clients,urql}.test.ts',
  'test/http/{endings,event-stream,requests,same-code,unread,websocket-hostile,websocket-reading,websocket-trouble,ws-protocol}.test.ts',
];
/** Need the data folder. */
const ON_EMBEDDED = ['test/acceptance/durable.test.ts'];
/** Everything else runs on both databases. */
const TESTS = ['test/**/*.test.ts'];
const NOT_ON_A_DATABASE = ['test/browser/**', 'test/pooler/**', ...PLAIN];

export default defineConfig({
  // As Node itself finds it: by its module field Vite would load it a second time, next to the one of the packages that use it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Loading the product anew for each file takes as long as the tests do.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'plain', include: PLAIN } },
      {
        extends: true,
        test: {
          include: TESTS,
          exclude: [...NOT_ON_A_DATABASE, ...ON_POSTGRES, ...OF_A_TRANSPORT],
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
          name: 'pooler',
          include: ['test/pooler/**/*.test.ts'],
          provide: { backend: 'postgres' },
          globalSetup: 'test/support/postgres-setup.ts',
        },
      },
    ],
  },
});
