import { defineConfig } from 'vitest/config';

const EVERYWHERE = { include: ['test/**/*.test.ts'], exclude: ['test/browser/**', 'test/pooler/**'] };

export default defineConfig({
  // As Node itself finds it: by its module field Vite would load it a second time, next to the one of the packages that use it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          ...EVERYWHERE,
          name: 'embedded',
          provide: { backend: 'embedded' },
          globalSetup: 'test/support/embedded-setup.ts',
        },
      },
      {
        extends: true,
        test: {
          ...EVERYWHERE,
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
