import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { filesInBrowser, filesWithOwnModules } from './test/structure/isolation.ts'
import { readSourceFiles } from './test/structure/source-file.ts'

const wholeService = 'test/e2e/**/*.test.ts'
const stack = 'test/infra/aws/**/*.test.ts'
const sources = readSourceFiles(['lib', 'functions', 'infra', 'test'])
const withOwnModules = filesWithOwnModules(sources)
/** Tests of the console in a browser, which need the running service. */
const inBrowser = filesInBrowser(sources)

/** The timeouts guard against hanging, and are no limits of speed: a machine that is ten times slower must still say what is right. */
const each = { setupFiles: ['test/tidy.setup.ts'], testTimeout: 180_000, hookTimeout: 180_000 }

/** End-to-end files that wait more than their size shows. Whichever comes last leaves the other processor idle. */
const longWaits = /\/e2e\/(?:tour|rate-limit|sharing|expiry|guarantees-reset)\./

/** Without times of an earlier run, Vitest begins with the largest files of each project. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isWhole = ({ project }: TestSpecification) => project.name === 'whole'
    const waits = ({ moduleId }: TestSpecification) => longWaits.test(moduleId)
    const whole = sorted.filter(isWhole)
    return [
      ...sorted.filter((file) => !isWhole(file)),
      ...whole.filter(waits),
      ...whole.filter((file) => !waits(file)),
    ]
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    environment: 'node',
    // One more than the processors of a small machine: some tests wait, for a cache or a timeout, and others use that time.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/dynamodb.setup.ts'],
    projects: [
      {
        test: {
          name: 'alone',
          include: withOwnModules,
          exclude: [wholeService, stack],
          ...each,
        },
      },
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [wholeService, stack, ...inBrowser, ...withOwnModules],
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
          include: [wholeService, ...inBrowser],
          // The files that one worker runs share one running service.
          isolate: false,
          ...each,
        },
      },
    ],
  },
})
