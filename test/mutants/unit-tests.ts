import type { SourceFile } from '../structure/source-file.ts'

/** From a test that loads one of these, every mutant would wait for a database, a server or another process. */
const slowImport =
  /^(@aws-sdk\/.*|@middy\/.*|aws-cdk.*|playwright-core|node:(child_process|http|os|timers\/promises))$/
/** Whole spaces, models and real running times: each takes seconds, and would for every mutant that it covers. */
const slowTest =
  /\/(models\/.*|cedar|errors-page|linear-time|openapi|openapi-text|password-hasher|.*small-scope|whole-lists)\.test\.ts$/

type Files = ReadonlyMap<string, SourceFile>

const importsOf = (path: string, files: Files): string[] =>
  (files.get(path)?.imports ?? []).filter(({ isTypeOnly }) => !isTypeOnly).map(({ target }) => target)

const isSlow = (path: string, files: Files): boolean => {
  const loaded = new Set([path])
  for (const each of loaded) for (const target of importsOf(each, files)) loaded.add(target)
  return slowTest.test(path) || [...loaded].some((each) => slowImport.test(each))
}

/** What a test imports, itself or through the scene that it shares with others. */
const testedBy = (path: string, files: Files): string[] =>
  importsOf(path, files).flatMap((target) =>
    target.endsWith('-scene.ts') ? importsOf(target, files) : [target],
  )

/** The tests in milliseconds that import one of these files. */
export const unitTestsOf = (mutated: ReadonlySet<string>, all: readonly SourceFile[]): string[] => {
  const files = new Map(all.map((file) => [file.path, file]))
  return all
    .map(({ path }) => path)
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => testedBy(path, files).some((target) => mutated.has(target)) && !isSlow(path, files))
}
