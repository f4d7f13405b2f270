import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './build-cache.ts'

const declaration = /\n(?=(?:export |const |type |function |\/\*\*))/
const comment = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

const usesShapes = (source: string): boolean => /^import .* from '[./]+\/effects\/shape\.ts'$/m.test(source)
/** Files of `lib` with the keys, indexes and kinds of all items. */
const keyFiles = ['table/keys.ts', 'table/schema.ts']

/**
 * The declarations of a file of `lib` that make the format of stored items, without comments and blanks: those that use the shapes of
 * `lib/effects/shape.ts`, which parse what is read from the table, the lists of values that they name, and all keys, indexes and kinds.
 */
const formatIn = (file: string, source: string, lists: ReadonlySet<string>): string[] => {
  const isShape = usesShapes(source)
  const makesFormat = (text: string): boolean =>
    keyFiles.includes(file) ||
    (isShape && /\bz\./.test(text)) ||
    lists.has(/^export const (\w+) =/.exec(text)?.[1] ?? '')
  return source
    .replaceAll(comment, '')
    .split(declaration)
    .map((text) => text.trimStart())
    .filter((text) => !text.startsWith('import ') && makesFormat(text))
    .map((text) => text.replaceAll(/\s+/g, ''))
}

/** A text that differs if another build stores its items otherwise. @param sources by their paths in `lib` */
export const formatOf = (sources: ReadonlyMap<string, string>): string => {
  const inShapes = [...sources.values()].filter(usesShapes).join('\n')
  const lists = new Set([...inShapes.matchAll(/\bz\.enum\((\w+)\)/g)].map(([, name = '']) => name))
  const hash = createHash('sha256')
  for (const [file, source] of [...sources].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    for (const text of formatIn(file, source, lists)) hash.update(`${text}\n`)
  return hash.digest('hex').slice(0, 16)
}

let known: string | undefined

/** The format of this build. */
export const dataFormat = (): string => {
  const lib = join(projectRoot, 'lib')
  known ??= formatOf(
    new Map(
      readdirSync(lib, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => [file.replaceAll('\\', '/'), readFileSync(join(lib, file), 'utf8')]),
    ),
  )
  return known
}
