import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectRoot } from '../../../infra/aws/project-root.ts'

const outdir = mkdtempSync(join(tmpdir(), 'postern-app-'))
const run = (context: Readonly<Record<string, unknown>>): void => {
  execFileSync(process.execPath, [join(projectRoot, 'infra/aws/app.ts')], {
    // Another folder and an environment without credentials, region or home: the synthesis needs none of them.
    cwd: tmpdir(),
    env: {
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...context }),
    },
    stdio: 'pipe',
    encoding: 'utf8',
  })
}
beforeAll(() => run({ demo: true }))
afterAll(() => rmSync(outdir, { recursive: true, force: true }))

describe('node infra/aws/app.ts', () => {
  it('writes the template by itself, offline and without credentials', () => {
    const template: unknown = JSON.parse(readFileSync(join(outdir, 'Postern.template.json'), 'utf8'))
    expect(template).toHaveProperty('Resources')
  })

  it('neither bundles nor copies anything when no stack is to be bundled', () => {
    expect(readdirSync(outdir).filter((name) => name.startsWith('asset.'))).toEqual([])
  })

  it('refuses wrong settings with one message that names them', () => {
    expect(() => run({ demo: 'perhaps' })).toThrow('"demo" must be true or false')
  })
})
