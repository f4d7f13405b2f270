import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../../../infra/aws/project-root.ts'
import { compileCache } from '../../compile-cache.ts'

const outdir = mkdtempSync(join(tmpdir(), 'postern-app-'))
const file = join(outdir, 'postern.json')
const run = (settings: string | null, context: Readonly<Record<string, unknown>> = {}): string => {
  rmSync(file, { force: true })
  if (settings !== null) writeFileSync(file, settings)
  const { status, stderr } = spawnSync(process.execPath, [join(projectRoot, 'infra/aws/app.ts'), file], {
    // Another folder and an environment without credentials, region or home: the synthesis needs none of them.
    cwd: tmpdir(),
    // nag.test.ts runs the CDK's own rules, which take three quarters of the time.
    env: {
      ...compileCache,
      CDK_VALIDATION: 'false',
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...context }),
    },
    encoding: 'utf8',
  })
  return status === 0 ? 'synthesised' : stderr
}
const settings = '{"mailFrom":null,"adminEmail":null,"demo":true}'
let first = ''
beforeAll(() => {
  first = run(settings)
})
afterAll(() => rmSync(outdir, { recursive: true, force: true }))

describe('node infra/aws/app.ts', () => {
  it('writes the template by itself, offline and without credentials', () => {
    expect(first).toBe('synthesised')
    const template: unknown = JSON.parse(readFileSync(join(outdir, 'Postern.template.json'), 'utf8'))
    expect(template).toHaveProperty('Resources')
  })

  it('neither bundles nor copies anything when no stack is to be bundled', () => {
    expect(readdirSync(outdir).filter((name) => name.startsWith('asset.'))).toEqual([])
  })

  it('refuses wrong settings with one message that names them, and no stack trace', () => {
    expect(run('{"mailFrom":null,"adminEmail":null,"demo":"perhaps"}')).toBe(
      'The settings in postern.json are wrong:\n  "demo" must be true or false, but is "perhaps"\n',
    )
    expect(run('{')).toMatch(/^postern\.json is no JSON: .*\n$/)
  })

  it('says what to write when there are no settings', () => {
    expect(run(null)).toBe(
      `There is no postern.json. Write your settings into ${file} and commit it (docs/deploy.md), for instance:\n  { "mailFrom": "postern@example.com", "adminEmail": "you@example.com" }\n`,
    )
  })

  it('refuses a setting on the command line, whatever the file says', () => {
    expect(run(settings, { mailFrom: 'a@mail.example' })).toMatch(
      /^Settings belong in postern\.json, .*Move: "mailFrom"\n$/,
    )
  })
})
