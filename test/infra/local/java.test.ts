import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findJava } from '../../../infra/local/java.ts'

let bin: string
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'postern-java-'))
})
afterEach(() => rmSync(bin, { recursive: true }))

const javaThat = (script: string) =>
  writeFileSync(join(bin, 'java'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

describe('the Java that runs DynamoDB Local', () => {
  it('is the first of the PATH that is new enough', async () => {
    javaThat('echo \'openjdk version "17.0.1" 2021-10-19\' >&2')
    expect(await findJava({ PATH: `/nowhere:${bin}` })).toBe(join(bin, 'java'))
  })

  it.each([
    ['is too old', 'echo \'openjdk version "16.0.2" 2021-07-20\' >&2', /is Java 16:/],
    ['is too old, from before Java 9', 'echo \'java version "1.8.0_412"\' >&2', /is Java 8:/],
    ['is a stub that only tells where to get it', 'exit 1', /does not run:/],
  ])('is refused when it %s', async (_name, script, message) => {
    javaThat(script)
    await expect(findJava({ PATH: bin })).rejects.toThrow(message)
  })
})
