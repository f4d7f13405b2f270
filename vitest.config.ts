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
    // Guards against hanging, not limits of speed: a machine that is ten times slower must still say what is right.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: existsSync(dynamodb) ? [dynamodb] : [],
  },
})
