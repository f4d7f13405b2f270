import { existsSync, globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { auditActions } from '../../lib/audit/audit-row.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { partitions } from '../../lib/table/keys.ts'
import { itemKinds } from '../../lib/table/schema.ts'
import { readSourceFiles } from './source-file.ts'

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

/** A fresh clone has none of these. */
const ignored = readFileSync('.gitignore', 'utf8').split('\n')

const missingPaths = (text: string): string[] =>
  [...text.matchAll(/`((?:lib|functions|infra|test|docs)\/[\w./-]+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => !existsSync(path) && !existsSync(`${path}.ts`) && !ignored.includes(path))

const fencesWithoutLanguage = (text: string): string[] =>
  partsOf(text).fences.filter((line) => line === '```')

const isProse = (line: string | undefined): boolean => line !== undefined && /^\s*(?!#|\||---)\S/.test(line)
const startsBlock = (line: string): boolean => /^\s*([-*] |\d+\. |>)/.test(line)
const wrappedLines = (text: string): string[] =>
  text
    .replace(/^( *)```[\s\S]*?^\1```$/gm, '')
    .split('\n')
    .filter((line, index, all) => isProse(line) && !startsBlock(line) && isProse(all[index - 1]))

const sources = readSourceFiles(['lib', 'functions', 'infra', 'console', 'test'])
/** Without the examples at the end of this file. */
const words = new Set(
  sources
    .filter(({ path }) => path !== 'test/structure/pages.test.ts')
    .flatMap(({ code }) => code.match(/\w+/g) ?? []),
)
const fileNames = new Set(sources.map(({ path }) => posix.basename(path)))

/** What looks like a name of the code: in snake case, in camel case, or a file. */
const missingNames = (text: string): string[] =>
  [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, name = '']) => name)
    .filter((name) =>
      /^[\w-]+\.(?:ts|mjs)$/.test(name)
        ? !fileNames.has(name)
        : /^(?:[a-z]+(?:_[a-z]+)+|[a-z]+[A-Z]\w*)(?:\(\))?$/.test(name) && !words.has(name.replace('()', '')),
    )

const areas = auditActions.map((action) => action.slice(0, action.indexOf('.')))
const missingActions = (text: string): string[] =>
  [...text.matchAll(/`([a-z-]+)\.[a-z-]+`/g)]
    .filter(([, area = '']) => areas.includes(area))
    .map(([name]) => name.slice(1, -1))
    .filter((name) => !auditActions.some((action) => action === name))

const isOwnPath = /^\/(?:v1|oauth)\//
const segmentFits = (declared: string, written: string): boolean =>
  declared.startsWith('{') ? written !== 'me' : declared === written
/** A method and a path, or a path of `$POSTERN`, of which the caller fills the parameters. */
const missingEndpoints = (text: string): string[] =>
  [...text.matchAll(/(?:\b(GET|POST|PUT|PATCH|DELETE) |\$POSTERN)(\/(?:[\w/{}:=.-]|\$(?!\{))+)/g)].flatMap(
    ([found, method, path = '']) => {
      const written = path.replace(/[.:]$/, '').split('/')
      const isThere = endpoints.some((endpoint) => {
        const declared = endpoint.path.split('/')
        const isOfMethod = method === undefined || endpoint.method === method
        const isAlike = declared.every((segment, at) => segmentFits(segment, written[at] ?? ''))
        return isOfMethod && declared.length === written.length && isAlike
      })
      return isThere || !isOwnPath.test(path) ? [] : [found]
    },
  )

const { scripts }: { scripts: object } = JSON.parse(readFileSync('package.json', 'utf8'))
const missingCommands = (text: string): string[] => [
  ...[...text.matchAll(/npm run ([\w:]+)/g)]
    .filter(([, script = '']) => !Object.hasOwn(scripts, script))
    .map(([command]) => command),
  ...[...text.matchAll(/vitest run ((?:test\/\S+ ?)+)/g)]
    .flatMap(([, files = '']) => files.trim().split(' '))
    .filter((path) => !existsSync(path)),
]

const faultsOf = (page: string, text: string): string[] => [
  ...brokenLinks(page, text),
  ...missingPaths(text),
  ...missingNames(text),
  ...missingActions(text),
  ...missingEndpoints(text),
  ...missingCommands(text),
  ...fencesWithoutLanguage(text),
  ...wrappedLines(text),
]

describe('the pages', () => {
  it.each(pages)(
    '%s: what links, paths and names refer to is there, blocks have a language, a paragraph is one line',
    (page) => {
      expect(faultsOf(page, readFileSync(page, 'utf8'))).toEqual([])
    },
  )

  it.each([
    '[a page](docs/nowhere.md)',
    '[a part](docs/storage.md#nothing)',
    '[a part of this page](#nothing)',
    'see `lib/nowhere.ts`',
    'see `nowhere.ts`',
    'the reason is `no_such_reason`',
    'the setting `noSuchSetting`',
    'call `nothingSuch()`',
    'the row `user.vanished`',
    'call `GET /v1/nothing`',
    'call `PATCH /v1/users`',
    '```sh\ncurl "$POSTERN/v1/nothing/$ID"\n```',
    '```sh\nnpm run nothing\n```',
    '```sh\nnpx vitest run test/users test/nowhere\n```',
    '```\nls\n```',
    'one paragraph\nin two lines',
  ])('are not accepted with %j', (text) => {
    expect(faultsOf('README.md', `# Title\n\n${text}\n`)).toHaveLength(1)
  })
})

describe('docs/storage.md', () => {
  const [, items = ''] = readFileSync('docs/storage.md', 'utf8').split(/^## /m)
  const rows = [...items.matchAll(/^\| ([a-z ]*?) ?\| `([A-Z_]+#?)/gm)]

  it('has a row for each kind of item', () => {
    const kinds = rows.flatMap(([, name = '']) => (name === '' ? [] : [name.replaceAll(' ', '-')]))
    expect(kinds.toSorted()).toEqual(Object.values(itemKinds).toSorted())
  })

  it('has a row for each partition', () => {
    const begun = new Set(rows.map(([, , prefix = '']) => prefix))
    expect([...begun].toSorted()).toEqual(Object.values(partitions).toSorted())
  })
})
