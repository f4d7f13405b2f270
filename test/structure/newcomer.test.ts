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
    places: {
      'lib/whitelist/provider.ts': 1,
      'lib/providers/provider-sources.ts': 4,
      'lib/providers/published-documents.ts': 1,
    },
  },
  {
    what: 'a kind of credential',
    file: 'lib/secrets/key-id.ts',
    from: "credentialKinds = ['key', 'token']",
    to: "credentialKinds = ['key', 'token', 'certificate']",
    places: {
      'lib/secrets/key-id.ts': 1,
      'lib/admission/identify.ts': 1,
      'lib/credentials/manage-credentials.ts': 1,
      'lib/credentials/new-credential.ts': 1,
    },
  },
  {
    what: 'a denial reason',
    file: 'lib/decision/decide.ts',
    from: 'export const denialReasons = [',
    to: "export const denialReasons = [\n  'moon_phase',",
    places: { 'lib/http/refusal.ts': 1 },
  },
  {
    what: 'an endpoint',
    file: 'lib/audit/audit-endpoints.ts',
    from: "operationId: 'listAudit'",
    to: "operationId: 'listAuditAnew'",
    places: { 'functions/audit.ts': 3 },
  },
  {
    what: 'a function',
    file: 'lib/contract/endpoint.ts',
    from: 'export const httpFunctionNames = [',
    to: "export const httpFunctionNames = [\n  'new-function',",
    places: { 'infra/aws/functions.ts': 1 },
  },
] as const

describe('whoever adds', () => {
  let copy: string
  let errors: readonly string[]
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'newcomer-'))
    for (const folder of ['lib', 'functions', 'infra/aws'])
      cpSync(folder, join(copy, folder), { recursive: true })
    for (const file of ['infra/replaced-packages.ts', 'package.json', 'tsconfig.json'])
      cpSync(file, join(copy, file))
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))
    for (const { file, from, to } of additions) {
      const text = readFileSync(join(copy, file), 'utf8')
      expect(text.split(from), `${file}: ${from}`).toHaveLength(2)
      writeFileSync(join(copy, file), text.replace(from, to))
    }
    const { stdout } = spawnSync(
      join(copy, 'node_modules/.bin/tsc'),
      ['--noEmit', '--pretty', 'false', '--checkers', '1'],
      { cwd: copy, encoding: 'utf8', env: { ...process.env, GOGC: 'off' } },
    )
    errors = stdout.split('\n').flatMap((line) => /^([^\s(]+)\(/.exec(line)?.[1] ?? [])
  })
  afterAll(() => rmSync(copy, { recursive: true }))

  it.each(additions)('$what is sent to every place by the compiler', ({ places }) => {
    expect(Object.fromEntries(Object.keys(places).map((place) => [place, errorsIn(place)]))).toEqual(places)
  })

  it('anything of these is sent nowhere else', () => {
    const expected = additions.flatMap(({ places }) => Object.keys(places))
    expect(errors.filter((place) => !expected.includes(place))).toEqual([])
  })

  const errorsIn = (place: string): number => errors.filter((found) => found === place).length
})
