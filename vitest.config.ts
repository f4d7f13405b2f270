import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const dynamodb = 'test/dynamodb.setup.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks',
    // Two: DynamoDB Local, the servers under test and the tests themselves share what processors there are.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: existsSync(dynamodb) ? [dynamodb] : [],
  },
})
