import { defineConfig } from 'vitest/config'

/** For Stryker, which names the tests and asks one worker for each mutant anew. No database is started. */
export default defineConfig({
  test: {
    pool: 'threads',
    isolate: false,
    environment: 'node',
    include: (process.env['MUTANTS_TESTS'] ?? '').split(' '),
    setupFiles: ['test/mutants/short-properties.setup.ts'],
    testTimeout: 60_000,
  },
})
