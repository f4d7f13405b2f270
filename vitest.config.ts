import { defineConfig } from 'vitest/config'

const wholeService = 'test/e2e/**/*.test.ts'
const stack = 'test/infra/aws/**/*.test.ts'
/** Rooms in which no file replaces a module or leaves anything to the next one. */
const stateless = 'test/{decision,policy,whitelist}/**/*.test.ts'

/** The timeouts guard against hanging, and are no limits of speed: a machine that is ten times slower must still say what is right. */
const each = { setupFiles: ['test/tidy.setup.ts'], testTimeout: 180_000, hookTimeout: 180_000 }

export default defineConfig({
  test: {
    pool: 'forks',
    environment: 'node',
    // Two: DynamoDB Local, the servers under test and the tests themselves share what processors there are.
    maxWorkers: 2,
    globalSetup: ['test/dynamodb.setup.ts'],
    projects: [
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [wholeService, stack, stateless],
          ...each,
        },
      },
      {
        test: {
          name: 'stateless',
          include: [stateless],
          // The modules are loaded and compiled once for each worker.
          isolate: false,
          ...each,
        },
      },
      {
        test: {
          name: 'stack',
          include: [stack],
          // The CDK is loaded once, which takes seconds, and each template is made once.
          isolate: false,
          ...each,
        },
      },
      {
        test: {
          name: 'whole',
          include: [wholeService],
          // The files that one worker runs share one running service.
          isolate: false,
          ...each,
        },
      },
    ],
  },
})
