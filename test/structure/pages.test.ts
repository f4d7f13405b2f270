import { existsSync, globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'

const pages = [...globSync('*.md'), ...globSync('docs/**/*.md')].toSorted()

/** The page's lines outside of fenced blocks, and the opening lines of these blocks. */
const partsOf = (text: string): { lines: string[]; fences: string[] } => {
  const lines: string[] = []
  const fences: string[] = []
  let isInside = false
  for (const line of text.split('\n')) {
    const isFence = line.trimStart().startsWith('```')
    if (isFence && !isInside) fences.push(line.trim())
    if (isFence) isInside = !isInside
    else if (!isInside) lines.push(line)
  }
  return { lines, fences }
}

/** GitHub's name of a heading in a link. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/^#+ /, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (text: string): string[] =>
  partsOf(text)
    .lines.filter((line) => /^#+ /.test(line))
    .map(anchorOf)

const brokenLinks = (page: string, text: string): string[] =>
  [...text.matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)].flatMap(([link, path = '', anchor = '']) => {
    const target = path === '' ? page : posix.join(posix.dirname(page), path)
    if (!existsSync(target)) return [link]
    if (anchor === '') return []
    const there = target === page ? text : readFileSync(target, 'utf8')
    return anchorsOf(there).includes(anchor) ? [] : [link]
  })

const missingPaths = (text: string): string[] =>
  [...text.matchAll(/`((?:lib|functions|infra|test|docs)\/[\w./-]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !existsSync(path) && !existsSync(`${path}.ts`))

const fencesWithoutLanguage = (text: string): string[] =>
  partsOf(text).fences.filter((line) => line === '```')

const isProse = (line: string | undefined): boolean => line !== undefined && /^\s*(?!#|\||---)\S/.test(line)
const startsBlock = (line: string): boolean => /^\s*([-*] |\d+\. |>)/.test(line)
const wrappedLines = (text: string): string[] =>
  text
    .replace(/^( *)```[\s\S]*?^\1```$/gm, '')
    .split('\n')
    .filter((line, index, all) => isProse(line) && !startsBlock(line) && isProse(all[index - 1]))

const faultsOf = (page: string, text: string): string[] => [
  ...brokenLinks(page, text),
  ...missingPaths(text),
  ...fencesWithoutLanguage(text),
  ...wrappedLines(text),
]

describe('the pages', () => {
  it.each(pages)(
    '%s: links and paths lead somewhere, blocks have a language, a paragraph is one line',
    (page) => {
      expect(faultsOf(page, readFileSync(page, 'utf8'))).toEqual([])
    },
  )

  it.each([
    '[a page](docs/nowhere.md)',
    '[a part](docs/storage.md#nothing)',
    '[a part of this page](#nothing)',
    'see `lib/nowhere.ts`',
    '```\nls\n```',
    'one paragraph\nin two lines',
  ])('are not accepted with %j', (text) => {
    expect(faultsOf('README.md', `# Title\n\n${text}\n`)).toHaveLength(1)
  })
})
