import { defineConfig } from 'vitest/config';
import tests, { PLAIN } from './vitest.config.ts';

const OF_WHAT_IS_MUTATED = /^test\/(changes|domain)\//;

/** The tests that try to kill mutants of the domain and of the change log: those without a database. */
export default defineConfig({
  resolve: tests.resolve ?? {},
  test: {
    include: PLAIN.filter((path) => OF_WHAT_IS_MUTATED.test(path)),
    setupFiles: 'test/support/mutation-setup.ts',
    testTimeout: 60_000,
  },
});
