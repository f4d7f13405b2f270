import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import { auditActions } from '../lib/audit/audit-row.ts'
import { endpoints } from '../lib/reference/endpoints.ts'
import type { ReferenceEntry } from './reference/pages.ts'
import { referenceEntries, referencePages } from './reference/pages.ts'

const root = join(import.meta.dirname, '..')

/** Path of the console's files on the server. */
const base = '/console/'

/**
 * `import { operations } from 'postern:operations'`: method, path and permission of each operation of the API, and the actions of the
 * audit, from the contract. The browser gets neither the schemas nor the texts.
 */
const operationTable: Plugin = {
  name: 'operations',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^postern:operations$/ }, ({ path }) => ({ path, namespace: 'operations' }))
    onLoad({ filter: /.*/, namespace: 'operations' }, () => {
      const rows = endpoints.map(({ operationId, method, path, access }) => {
        const needs = typeof access === 'string' ? '' : ` ${access.section}: ${access.level}`
        return [operationId, `${method} ${path}${needs}`]
      })
      return {
        contents: [
          `export const operations = ${JSON.stringify(Object.fromEntries(rows))}`,
          `export const auditActions = ${JSON.stringify(auditActions)}`,
        ].join('\n'),
        loader: 'js',
      }
    })
  },
}

const options = {
  absWorkingDir: root,
  entryPoints: ['console/main.tsx', ...Object.values(referenceEntries)],
  tsconfig: 'console/tsconfig.json',
  outdir: 'unwritten',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  metafile: true,
  write: false,
  entryNames: 'assets/[name]-[hash]',
  chunkNames: 'assets/[name]-[hash]',
  assetNames: 'assets/[name]-[hash]',
  publicPath: base,
  loader: { '.svg': 'file' },
  legalComments: 'none',
  logLevel: 'silent',
  plugins: [operationTable],
} as const satisfies BuildOptions

/**
 * Builds the console: scripts (one for the start, one for each lazily imported screen), one style sheet and the page, and the reference
 * of the API with its guides. Each file is also compressed. The same sources give the same bytes.
 *
 * @param folder gets `index.html`, `reference.html`, `guides/` and `assets/`
 * @throws Error with esbuild's messages, or if a lazily imported file has a style sheet, which no browser would load
 */
export async function buildConsole(folder: string): Promise<void> {
  const { build, stop } = await import('esbuild')
  try {
    const { outputFiles, metafile } = await build(options)
    mkdirSync(join(folder, 'assets'), { recursive: true })
    for (const { path, contents } of outputFiles) write(join(folder, 'assets', basename(path)), contents)
    write(join(folder, 'index.html'), Buffer.from(pageOf(metafile)))
    mkdirSync(join(folder, 'guides'))
    const { reference, pages } = referencePages((entry) => urlOf(metafile, entry), readGuide, hashOf)
    for (const [name, text] of pages) write(join(folder, name), Buffer.from(text))
    // With the address of the deployment, which is known when the page is asked for, it is compressed then.
    writeFileSync(join(folder, 'reference.html'), reference)
  } finally {
    await stop()
  }
}

const readGuide = (name: string): string => readFileSync(join(root, 'docs', `${name}.md`), 'utf8')

const hashOf = (content: string): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase()

function urlOf({ outputs }: Metafile, entry: ReferenceEntry): string {
  const name = Object.keys(outputs).find((output) => outputs[output]?.entryPoint === referenceEntries[entry])
  if (name === undefined) throw new Error(`${referenceEntries[entry]} gives no file`)
  return `${base}assets/${posix.basename(name)}`
}

function write(path: string, contents: Uint8Array): void {
  writeFileSync(path, contents)
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  writeFileSync(`${path}.br`, brotliCompressSync(contents, { params: quality }))
  writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }))
}

/** Has no script and no style of its own: the policy of the page allows files only. */
function pageOf({ outputs }: Metafile): string {
  const names = Object.keys(outputs)
  const [main, ...others] = names.filter((name) => outputs[name]?.entryPoint === 'console/main.tsx')
  const isReference = (name: string) => outputs[name]?.entryPoint === referenceEntries.style
  const sheets = names.filter((name) => name.endsWith('.css') && !isReference(name))
  const [sheet] = sheets
  if (main === undefined || others.length > 0) throw new Error('console/main.tsx must give one script')
  if (sheet === undefined || sheets.length > 1)
    throw new Error(`Import every style sheet from console/main.tsx: ${sheets.join(', ')}`)
  const icon = names.find((name) => posix.basename(name).startsWith('icon-'))
  const file = (name: string): string => `${base}assets/${posix.basename(name)}`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="robots" content="noindex">',
    '<title>Postern</title>',
    ...(icon === undefined ? [] : [`<link rel="icon" href="${file(icon)}">`]),
    `<link rel="stylesheet" href="${file(sheet)}">`,
    ...loadedWith(main, outputs).map((name) => `<link rel="modulepreload" href="${file(name)}">`),
    `<script type="module" src="${file(main)}"></script>`,
    '</head>',
    '<body>',
    '<div id="console"></div>',
    '<noscript>The console needs JavaScript. The API does not: see <a href="/docs">its reference</a>.</noscript>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

/** The scripts that a script imports from its start, directly or not. */
function loadedWith(script: string, outputs: Metafile['outputs']): string[] {
  const found = new Set<string>()
  const add = (name: string): void => {
    for (const { kind, path, external } of outputs[name]?.imports ?? []) {
      if (kind !== 'import-statement' || external === true || found.has(path)) continue
      found.add(path)
      add(path)
    }
  }
  add(script)
  return [...found]
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new Error('node console/build.ts FOLDER')
  await buildConsole(folder)
}
