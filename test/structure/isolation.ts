import type { SourceFile } from './source-file.ts'

/** Replaces something for all files of the worker. Spies, clocks and globals are restored after each file (`test/tidy.setup.ts`). */
const replacement = /\bvi\.(?:mock|doMock|resetModules|stubEnv)\b/
/** A handler reads its environment once, when it is loaded. */
const handler = /^functions\/[^/]+\.ts$/
const handlerByName = /\/functions\/\$\{/

const isHandlerFile = ({ path, code }: SourceFile): boolean => handler.test(path) || handlerByName.test(code)

const needsOwnModules = (file: SourceFile): boolean => isHandlerFile(file) || replacement.test(file.code)

/** A scene that loads handlers anew for each file of a worker, with an environment of their own. */
const anew = /\bloadHandlersIn\(/

/** The test files that are, or import, a file of this kind. @param isBarrier a file that is taken for one without imports and code */
const testFilesWith = (
  all: readonly SourceFile[],
  isWanted: (file: SourceFile) => boolean,
  isBarrier: (file: SourceFile) => boolean = () => false,
): string[] => {
  const files = new Map(all.filter((file) => !isBarrier(file)).map((file) => [file.path, file]))
  const loadedBy = (path: string): SourceFile[] => {
    const loaded = new Set([path])
    for (const each of loaded)
      for (const { target, isTypeOnly } of files.get(each)?.imports ?? []) if (!isTypeOnly) loaded.add(target)
    return [...loaded].flatMap((each) => files.get(each) ?? [])
  }
  return [...files.keys()].filter((path) => path.endsWith('.test.ts') && loadedBy(path).some(isWanted))
}

/** The test files whose handlers are loaded anew for each file, and that replace nothing themselves: they can share a worker. */
export const filesWithFreshHandlers = (all: readonly SourceFile[]): string[] => {
  const isAnew = ({ path, code }: SourceFile) => !path.endsWith('.test.ts') && anew.test(code)
  const others = testFilesWith(all, needsOwnModules, isAnew)
  return testFilesWith(all, isAnew).filter((path) => !others.includes(path))
}

/** The test files that load a handler. */
export const filesWithHandlers = (all: readonly SourceFile[]): string[] => testFilesWith(all, isHandlerFile)

/**
 * The test files that need modules of their own: they replace something or load a handler, themselves or in what they import. All
 * other files of a worker share their modules.
 */
export const filesWithOwnModules = (all: readonly SourceFile[]): string[] =>
  testFilesWith(all, needsOwnModules)

/** The test files that open the console in a browser. */
export const filesInBrowser = (all: readonly SourceFile[]): string[] =>
  testFilesWith(all, ({ path }) => path === 'test/console/browser.ts')
