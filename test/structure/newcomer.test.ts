import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What a newcomer writes first, by `docs/architecture.md`, and where the compiler then sends them. */
const additions = [
  {
    what: 'a provider word',
    file: 'lib/whitelist/provider.ts',
    from: "'DIGITAL_OCEAN'] as const",
    to: "'DIGITAL_OCEAN', 'HETZNER'] as const",
    places: [
      'lib/whitelist/provider.ts',
      'lib/providers/provider-sources.ts',
      'lib/providers/published-documents.ts',
    ],
  },
  {
    what: 'a kind of credential',
    file: 'lib/secrets/key-id.ts',
    from: "credentialKinds = ['key', 'token']",
    to: "credentialKinds = ['key', 'token', 'certificate']",
    places: [
      'lib/secrets/key-id.ts',
      'lib/admission/identify.ts',
      'lib/credentials/manage-credentials.ts',
      'lib/credentials/new-credential.ts',
    ],
  },
  {
    what: 'a denial reason',
    file: 'lib/decision/decide.ts',
    from: 'export const denialReasons = [',
    to: "export const denialReasons = [\n  'moon_phase',",
    places: ['lib/http/refusal.ts'],
  },
  {
    what: 'an endpoint',
    file: 'lib/audit/audit-endpoints.ts',
    from: "operationId: 'listAudit'",
    to: "operationId: 'listAuditAnew'",
    places: ['functions/audit.ts'],
  },
  {
    what: 'a function',
    file: 'lib/contract/endpoint.ts',
    from: 'export const httpFunctionNames = [',
    to: "export const httpFunctionNames = [\n  'new-function',",
    places: ['infra/aws/functions.ts'],
  },
] as const

describe('whoever adds', () => {
  let copy: string
  let errors: readonly string[]
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'newcomer-'))
    for (const folder of ['lib', 'functions', 'infra/aws'])
      cpSync(folder, join(copy, folder), { recursive: true })
    for (const file of ['package.json', 'tsconfig.json']) cpSync(file, join(copy, file))
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))
    for (const { file, from, to } of additions) {
      const text = readFileSync(join(copy, file), 'utf8')
      expect(text.split(from), `${file}: ${from}`).toHaveLength(2)
      writeFileSync(join(copy, file), text.replace(from, to))
    }
    const { stdout } = spawnSync(join(copy, 'node_modules/.bin/tsc'), ['--noEmit', '--pretty', 'false'], {
      cwd: copy,
      encoding: 'utf8',
    })
    errors = stdout.split('\n').flatMap((line) => /^([^\s(]+)\(/.exec(line)?.[1] ?? [])
  })
  afterAll(() => rmSync(copy, { recursive: true }))

  it.each(additions)('$what is sent to every place by the compiler', ({ places }) => {
    expect(places.filter((place) => !errors.includes(place))).toEqual([])
  })

  it('anything of these is sent nowhere else', () => {
    const expected = additions.flatMap(({ places }): readonly string[] => places)
    expect(errors.filter((place) => !expected.includes(place))).toEqual([])
  })
})
