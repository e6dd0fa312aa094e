import { defineConfig } from 'vitest/config';

const EVERYWHERE = { include: ['test/**/*.test.ts'], exclude: ['test/browser/**'] };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
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
    ],
  },
});
