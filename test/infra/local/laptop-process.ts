import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { vi } from 'vitest'

const projectRoot = join(import.meta.dirname, '../../..')
const entry = join(import.meta.dirname, 'fixtures/start-fixture.ts')

export type LaptopProcess = {
  readonly process: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  readonly line: (name: string) => string
  readonly ready: () => Promise<void>
  /** The exit code. */
  readonly ended: Promise<number | null>
}

/** `npm start` of the fixtures' template, in a process of its own. */
export function startLaptopProcess(
  environment: Readonly<Record<string, string>>,
  parameters: readonly string[] = [],
): LaptopProcess {
  const child = spawn(process.execPath, [entry, ...parameters], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (part) => {
    output += part
  })
  child.stderr.on('data', (part) => {
    errors += part
  })
  const ended = once(child, 'close').then(() => child.exitCode)
  return {
    process: child,
    output: () => output,
    errors: () => errors,
    line: (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(output)?.[1] ?? '',
    ready: async () => {
      await vi.waitFor(
        () => {
          if (child.exitCode !== null) return
          if (!output.includes('Ctrl-C stops it.')) throw new Error(`not ready: ${output}${errors}`)
        },
        { timeout: 150_000, interval: 20 },
      )
      if (child.exitCode !== null) throw new Error(`it ended: ${output}${errors}`)
    },
    ended,
  }
}
