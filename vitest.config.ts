import { defineConfig } from 'vitest/config';

/** Need no database: run once. */
const PLAIN = [
  'test/*.test.ts',
  'test/changes/cursor.test.ts',
  'test/database/data-folder.test.ts',
  'test/domain/!(alliance-total.property).test.ts',
  'test/execution/admission.test.ts',
  'test/execution/payload.test.ts',
  'test/execution/shared-operation.test.ts',
  'test/graphql/contract.test.ts',
  'test/graphql/keyset.test.ts',
  'test/http/frame.test.ts',
];
/** Everything else runs on both databases. */
const ON_A_DATABASE = {
  include: ['test/**/*.test.ts'],
  exclude: ['test/browser/**', 'test/pooler/**', ...PLAIN],
};

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
          ...ON_A_DATABASE,
          name: 'embedded',
          provide: { backend: 'embedded' },
          globalSetup: 'test/support/embedded-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          ...ON_A_DATABASE,
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
