import type { SourceFile } from './source-file.ts'

/** Replaces something for all files of the worker. */
const replacement = /\bvi\.(?:mock|doMock|resetModules|stubEnv|stubGlobal|useFakeTimers|spyOn)\b/
/** A handler reads its environment once, when it is loaded. */
const handler = /^functions\/[^/]+\.ts$/
const handlerByName = /\/functions\/\$\{/

/**
 * The test files that need modules of their own: they replace something or load a handler, themselves or in what they import. All
 * other files of a worker share their modules.
 */
export const filesWithOwnModules = (all: readonly SourceFile[]): string[] => {
  const files = new Map(all.map((file) => [file.path, file]))
  const leavesSomething = (path: string): boolean => {
    const { code } = files.get(path) ?? { code: '' }
    return handler.test(path) || replacement.test(code) || handlerByName.test(code)
  }
  return testsThatLoad(all, leavesSomething)
}

/** The test files that open the console in a browser. */
export const filesInBrowser = (all: readonly SourceFile[]): string[] =>
  testsThatLoad(all, (path) => path === 'test/console/browser.ts')

/** The test files of which a file that they load, or the file itself, is `wanted`. */
const testsThatLoad = (all: readonly SourceFile[], wanted: (path: string) => boolean): string[] => {
  const files = new Map(all.map((file) => [file.path, file]))
  const loadedBy = (path: string): string[] => {
    const loaded = new Set([path])
    for (const each of loaded)
      for (const { target, isTypeOnly } of files.get(each)?.imports ?? []) if (!isTypeOnly) loaded.add(target)
    return [...loaded]
  }
  return [...files.keys()].filter((path) => path.endsWith('.test.ts') && loadedBy(path).some(wanted))
}
