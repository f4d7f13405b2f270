import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { functionSpecs } from '../../../infra/aws/functions.ts'
import { projectRoot } from '../../../infra/aws/project-root.ts'
import { endpoints } from '../../../lib/reference/endpoints.ts'
import { keys, type PartitionName, partitions } from '../../../lib/table/keys.ts'

const outdir = mkdtempSync(join(tmpdir(), 'postern-partitions-'))
const names = Object.keys(functionSpecs) as (keyof typeof functionSpecs)[]

/** Readable bundles: what tree shaking left in them is what a function can call. */
beforeAll(async () => {
  await build({
    absWorkingDir: projectRoot,
    entryPoints: names.map((name) => ({ in: functionSpecs[name].entry, out: name })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  })
})
afterAll(() => rmSync(outdir, { recursive: true, force: true }))

/** What a maker of keys gives for some arguments; undefined for what is an attribute of an index. */
const keyOf = (maker: string): Readonly<Record<string, string>> | undefined => {
  const key: unknown = Reflect.apply(Reflect.get(keys, maker), keys, ['a', 'a', 'a'])
  return typeof key === 'string' ? undefined : (key as Readonly<Record<string, string>>)
}

/** The partition of a key, whatever it is of. */
const partitionOf = (maker: string): PartitionName | undefined => {
  const { pk, directoryPk = '' } = keyOf(maker) ?? {}
  const found = Object.entries(partitions).filter(([, start]) => (pk ?? directoryPk).startsWith(start))
  return found.length === 1 ? (found[0]?.[0] as PartitionName) : undefined
}

/**
 * Every writer of the audit has this code. Where the role may not write the organization, the update fails, and the audit is spread by a
 * function whose role may (docs/storage.md, "Many audit rows of one organization").
 */
const spreading = /var spreadAudit = \([\s\S]*?\n\}\);/
const withoutSpreading = (text: string): string => text.replace(spreading, '')

/** The partitions whose keys a bundle makes: all, or those of items that it makes, changes or checks. */
const madeIn = (name: string, where: 'anywhere' | 'written'): PartitionName[] => {
  const text = withoutSpreading(readFileSync(join(outdir, `${name}.mjs`), 'utf8'))
  const variable = /\b(keys\w*) = \{\s+user: \(/.exec(text)?.[1]
  if (variable === undefined) return []
  const call = `${variable}\\.(\\w+)\\b`
  const pattern =
    where === 'anywhere' ? `\\b${call}` : `(?:\\b(?:update|delete|check|Key): |\\.\\.\\.)${call}`
  const makers = [...text.matchAll(new RegExp(pattern, 'g'))].map(([, maker = '']) => maker)
  // A local variable may have the name too.
  const found = makers.filter((maker) => maker in keys).flatMap((maker) => partitionOf(maker) ?? [])
  return [...new Set(found)]
    .filter((partition) => partition !== 'idempotency' || keepsAnswers(name))
    .toSorted()
}

/** Every function of the API holds the code that keeps answers; it runs where an endpoint takes an Idempotency-Key. */
const keepsAnswers = (name: string): boolean =>
  endpoints.some(
    (endpoint) =>
      endpoint.function === name && Object.hasOwn(endpoint.request.headers?.shape ?? {}, 'idempotency-key'),
  )

describe('the partitions of the table', () => {
  it.each(Object.keys(keys).filter((maker) => keyOf(maker) !== undefined))(
    'hold keys.%s in exactly one of them',
    (maker) => {
      expect(partitionOf(maker)).toBeDefined()
    },
  )

  it.each(names)('that %s may read or write are those whose keys its code makes', (name) => {
    const { reads, writes } = functionSpecs[name]
    const row = new Set<PartitionName>([...reads, ...writes])
    const made = new Set(madeIn(name, 'anywhere'))
    expect(
      {
        missingInRow: [...made].filter((partition) => !row.has(partition)),
        neverMade: [...row].filter((partition) => !made.has(partition)),
      },
      `reads and writes of ${name} in infra/aws/functions.ts`,
    ).toEqual({ missingInRow: [], neverMade: [] })
  })

  it.each(['login', 'oauth', 'create-user', 'keys'] as const)(
    'include the organization for %s, which writes most of the audit and spreads it',
    (name) => {
      expect(readFileSync(join(outdir, `${name}.mjs`), 'utf8')).toMatch(spreading)
      expect(functionSpecs[name].writes).toContain('organization')
    },
  )

  it.each(names)('that %s writes are in its row as such', (name) => {
    const writes: readonly PartitionName[] = functionSpecs[name].writes
    expect(
      madeIn(name, 'written').filter((partition) => !writes.includes(partition)),
      `writes of ${name} in infra/aws/functions.ts`,
    ).toEqual([])
  })
})
