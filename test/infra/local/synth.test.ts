import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { StartError } from '../../../infra/local/start-error.ts'
import { synthesise } from '../../../infra/local/synth.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-settings-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the settings file that POSTERN_SETTINGS names', () => {
  it.each([
    ['is not there', undefined, 'there is no such file'],
    ['holds no object', '[]', 'is no JSON object'],
  ])('is read in place of postern.json, and named when it %s', async (_title, content, said) => {
    const file = join(folder, 'staging.json')
    vi.stubEnv('POSTERN_SETTINGS', file)
    if (content !== undefined) writeFileSync(file, content)
    const start = synthesise(folder, AbortSignal.timeout(60_000))
    await expect(start).rejects.toThrow(StartError)
    await expect(start).rejects.toThrow(new RegExp(`${file}.*${said}`))
  })
})
