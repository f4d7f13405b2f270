import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './build-cache.ts'

const declaration = /\n(?=(?:export |const |type |function |\/\*\*))/
const comment = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

/**
 * The declarations of a file of `lib` that make the format of stored items, without comments and blanks: those that use the shapes of
 * `lib/effects/shape.ts`, which parse what is read from the table, and all keys.
 */
const formatIn = (file: string, source: string): string[] => {
  const usesShapes = /^import .* from '[./]+\/effects\/shape\.ts'$/m.test(source)
  if (!usesShapes && file !== 'table/keys.ts') return []
  const declarations = source.replaceAll(comment, '').split(declaration)
  return declarations
    .filter((text) => !text.startsWith('import ') && (!usesShapes || /\bz\./.test(text)))
    .map((text) => text.replaceAll(/\s+/g, ''))
}

/** A text that differs if another build stores its items otherwise. @param sources by their paths in `lib` */
export const formatOf = (sources: ReadonlyMap<string, string>): string => {
  const hash = createHash('sha256')
  for (const [file, source] of [...sources].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    for (const text of formatIn(file, source)) hash.update(`${text}\n`)
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
