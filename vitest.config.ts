import { join, relative } from 'node:path'
import { defineConfig, type Plugin } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { replacedPackages } from './infra/replaced-packages.ts'
import {
  filesInBrowser,
  filesWithFreshHandlers,
  filesWithHandlers,
  filesWithOwnModules,
} from './test/structure/isolation.ts'
import { readSourceFiles } from './test/structure/source-file.ts'

const wholeService = 'test/e2e/**/*.test.ts'
const stack = 'test/infra/aws/**/*.test.ts'
/** Packages that only measurements and mutation tests need are installed below `test`, some with tests of their own. */
const installed = '**/node_modules/**'
const sources = readSourceFiles(['lib', 'functions', 'infra', 'test'])
const withFreshHandlers = filesWithFreshHandlers(sources)
const withHandlers = filesWithHandlers(sources)
const withOwnModules = filesWithOwnModules(sources)
/** Tests of the console in a browser, which need the running service. */
const inBrowser = filesInBrowser(sources)

/** The timeouts guard against hanging, and are no limits of speed: a machine that is ten times slower must still say what is right. */
const each = {
  setupFiles: ['test/tidy.setup.ts'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
  expect: { poll: { timeout: 60_000 } },
}

/** End-to-end files that wait more than their size shows. Whichever comes last leaves the other processor idle. */
const longWaits =
  /\/e2e\/(?:tour|rate-limit|sharing|expiry|providers|guarantees-(?:reset|faults|users|login))\./
/** Files that wait for timeouts for most of their time. Types and style are checked meanwhile. */
const waitsAtFirst = /\/(?:database-faults|mailer-function)\./

/** Without times of an earlier run, Vitest begins with the largest files of each project. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const whole = sorted.filter(({ project }) => project.name === 'whole')
    const isInBrowser = ({ moduleId }: TestSpecification) =>
      inBrowser.includes(relative(import.meta.dirname, moduleId))
    const inTurn = [isInBrowser, ({ moduleId }: TestSpecification) => longWaits.test(moduleId), () => true]
    const groups = Map.groupBy(whole, (file) => inTurn.findIndex((isOf) => isOf(file)))
    const others = sorted.filter((file) => !whole.includes(file))
    const isWaiting = ({ moduleId }: TestSpecification) => waitsAtFirst.test(moduleId)
    return [
      // A worker whose next file is of another project ends, and the service with it.
      ...others.filter(isWaiting),
      ...others.filter((file) => !isWaiting(file)),
      // Before the others, with whose leftovers lists would show more than these tests make.
      ...inTurn.flatMap((_, turn) => groups.get(turn) ?? []),
    ]
  }
}

/** Handlers get the clients of AWS that the bundles have. What a test itself imports is the SDK. */
const clientsOfBundles: Plugin = {
  name: 'clients-of-bundles',
  enforce: 'pre',
  resolveId(source, importer = '') {
    const file = replacedPackages[source]
    const isOfFunctions = ['lib', 'functions'].some((folder) =>
      importer.startsWith(join(import.meta.dirname, folder)),
    )
    const isReplaced = file !== undefined && isOfFunctions && process.env['TABLE_CLIENT'] !== 'sdk'
    return isReplaced ? join(import.meta.dirname, file) : null
  },
}

export default defineConfig({
  test: {
    pool: 'forks',
    environment: 'node',
    // One more than the processors of a small machine: some tests wait, for a cache or a timeout, and others use that time. Five take longer.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/dynamodb.setup.ts'],
    projects: [
      {
        plugins: [clientsOfBundles],
        test: {
          name: 'fresh-handlers',
          include: withFreshHandlers,
          exclude: [installed, wholeService, stack],
          // Each file loads the handlers anew, and shares everything else.
          isolate: false,
          ...each,
        },
      },
      {
        plugins: [clientsOfBundles],
        test: {
          name: 'handlers',
          include: withHandlers,
          exclude: [installed, wholeService, stack, ...withFreshHandlers],
          ...each,
        },
      },
      {
        test: {
          name: 'alone',
          include: withOwnModules,
          exclude: [installed, wholeService, stack, ...withHandlers],
          ...each,
        },
      },
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [installed, wholeService, stack, ...inBrowser, ...withOwnModules],
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
          globalSetup: ['test/e2e/builds.setup.ts'],
          // The files that one worker runs share one running service.
          isolate: false,
          ...each,
        },
      },
    ],
  },
})
