import { defineConfig } from 'vitest/config'

const dynamodb = 'test/dynamodb.setup.ts'
const wholeService = 'test/e2e/**/*.test.ts'

/** Guards against hanging, not limits of speed: a machine that is ten times slower must still say what is right. */
const hangs = { testTimeout: 180_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    pool: 'forks',
    environment: 'node',
    // Two: DynamoDB Local, the servers under test and the tests themselves share what processors there are.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [wholeService],
          globalSetup: [dynamodb],
          ...hangs,
        },
      },
      {
        test: {
          name: 'whole',
          include: [wholeService],
          // The files that one worker runs share one running service.
          isolate: false,
          ...hangs,
        },
      },
    ],
  },
})
