import { matchesGlob } from 'node:path'
import { expect, it } from 'vitest'
import { readSourceFiles } from '../structure/source-file.ts'
import { rooms } from './rooms.ts'
import { unitTestsOf } from './unit-tests.ts'

const all = readSourceFiles(['lib', 'functions', 'infra', 'test'])
const files = new Map(all.map((file) => [file.path, file]))

const loadedBy = (paths: readonly string[]): ReadonlySet<string> => {
  const loaded = new Set(paths)
  for (const path of loaded)
    for (const { target, isTypeOnly } of files.get(path)?.imports ?? []) if (!isTypeOnly) loaded.add(target)
  return loaded
}

const isCode = (path: string): boolean =>
  /^export (?:async )?(?:const|class|function)/m.test(files.get(path)?.code ?? '')

it.each(Object.entries(rooms))(
  'each file of %s is loaded by a unit test that tries its mutants',
  (_room, patterns) => {
    const mutated = [...files.keys()].filter((path) => patterns.some((pattern) => matchesGlob(path, pattern)))
    const loaded = loadedBy(unitTestsOf(new Set(mutated), all))
    expect(mutated.filter((path) => isCode(path) && !loaded.has(path))).toEqual([])
  },
)
