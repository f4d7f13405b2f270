import { matchesGlob } from 'node:path'
import { readSourceFiles } from '../structure/source-file.ts'
import { rooms } from './rooms.ts'
import { unitTestsOf } from './unit-tests.ts'

/** `npm run mutants` installs it beside this file: the compiler finds no types of it before. */
const installedBeside = '@stryker-mutator/core'
const { Stryker } = await import(installedBeside)

const leastScore = 90
/** Sandboxes, reports and what the last run found; git ignores it. */
const folder = '.mutants'

const isRoom = (name: string): name is keyof typeof rooms => Object.hasOwn(rooms, name)

const tryRoom = async (room: keyof typeof rooms): Promise<string> => {
  const files = readSourceFiles(['lib', 'functions', 'infra', 'test'])
  const mutated = rooms[room].flatMap((pattern) => {
    const found = files.map(({ path }) => path).filter((path) => matchesGlob(path, pattern))
    if (found.length === 0) throw new Error(`no file is ${pattern}: mend test/mutants/rooms.ts`)
    return found
  })
  process.env['MUTANTS_TESTS'] = unitTestsOf(new Set(mutated), files).join(' ')
  const results: readonly { readonly status: string }[] = await new Stryker({
    mutate: mutated,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutants/vitest.config.ts' },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    timeoutMS: 10_000,
    incremental: true,
    incrementalFile: `${folder}/${room}.json`,
    tempDirName: `${folder}/sandbox`,
    ignorePatterns: [folder, '.postern', 'cdk.out', 'coverage', 'biome.json'],
    // Stryker would rewrite it for its sandbox with a part of the compiler that TypeScript 7 does not have.
    tsconfigFile: 'none.json',
    reporters: ['progress-append-only', 'clear-text', 'html'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: `${folder}/${room}.html` },
    thresholds: { high: 100, low: leastScore, break: leastScore },
  }).runMutationTest()
  const dead = results.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  const alive = results.filter(({ status }) => status === 'Survived' || status === 'NoCoverage').length
  return `${room}: ${((100 * dead) / (dead + alive)).toFixed(1)} % of ${dead + alive} mutants killed\n`
}

const wanted = process.argv.slice(2)
const chosen = wanted.length === 0 ? Object.keys(rooms) : wanted
const lines: string[] = []
for (const name of chosen) {
  if (!isRoom(name)) throw new Error(`${name} is no room; there are ${Object.keys(rooms).join(', ')}`)
  lines.push(await tryRoom(name))
}
process.stdout.write(lines.join(''))
