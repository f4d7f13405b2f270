import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

export type Import = {
  /** As written: a package, or a path relative to the root of the project for a file of ours. */
  readonly target: string
  /** Gone after type stripping. */
  readonly isTypeOnly: boolean
  /** Those that are more than types. */
  readonly names: readonly string[]
}

export type SourceFile = {
  /** Relative to the root of the project, with `/`. */
  readonly path: string
  /** Without comments. */
  readonly code: string
  readonly lineCount: number
  readonly imports: readonly Import[]
}

const root = join(import.meta.dirname, '../..')

export const readSourceFiles = (folders: readonly string[]): SourceFile[] =>
  folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[cm]?[jt]sx?$/.test(name) && !name.includes('node_modules'))
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .map((path) => sourceFile(path, readFileSync(join(root, path), 'utf8'))),
  )

export const sourceFile = (path: string, text: string): SourceFile => {
  const code = withoutComments(text)
  return { path, code, lineCount: text.split('\n').length - 1, imports: importsOf(path, code) }
}

// The formatter puts each comment on lines of its own or behind a space, and a text with `//` in it after a colon.
const withoutComments = (text: string): string =>
  text.replace(/^\s*\/\*(?:(?!\*\/)[\s\S])*\*\/$/gm, '').replace(/(^|\s)\/\/ .*$/gm, '$1')

// Statements start in the first column and quotes are single: the formatter sees to both.
const staticImport = /^(?:import|export)\s+(type\s+)?([^;"`]*?)\s*from\s+'([^']+)'/gm
const bareImport = /^import\s+'([^']+)'/gm
const dynamicImport = /\bimport\(\s*'([^']+)'\s*\)/g

const importsOf = (path: string, code: string): Import[] => {
  const named = [...code.matchAll(staticImport)].map(([, type, clause = '', specifier = '']) => {
    const specifiers = clause
      .replace(/[{}]/g, ' ')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
    const isTypeOnly = type !== undefined || specifiers.every((name) => name.startsWith('type '))
    const names = specifiers
      .filter((name) => !name.startsWith('type '))
      .map((name) => name.replace(/\s+as\s.*$/, ''))
    return { target: resolved(path, specifier), isTypeOnly, names }
  })
  const unnamed = [...code.matchAll(bareImport), ...code.matchAll(dynamicImport)].map(
    ([, specifier = '']) => ({
      target: resolved(path, specifier),
      isTypeOnly: false,
      names: [],
    }),
  )
  return [...named, ...unnamed]
}

const resolved = (path: string, specifier: string): string =>
  specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier
