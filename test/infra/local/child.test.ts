import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, vi } from 'vitest'
import { startChild } from '../../../infra/local/child.ts'
import { isAlive } from './process-table.ts'

const sleeper = ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)']
const stubborn = [
  '-e',
  'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000)',
]

async function pidOf(child: ReturnType<typeof startChild>): Promise<number> {
  const [line] = await once(child.process.stdout ?? process.stdin, 'data')
  return Number(String(line))
}

it('ends a child that is asked to stop, and its guard', async () => {
  const child = startChild(process.execPath, sleeper, '/')
  const pid = await pidOf(child)
  await child.stop(10_000)
  expect([isAlive(pid), isAlive(child.process.pid ?? 0)]).toEqual([false, false])
})

it('ends by force a child that does not want to', async () => {
  const child = startChild(process.execPath, stubborn, '/')
  const pid = await pidOf(child)
  await child.stop(50)
  expect(isAlive(pid)).toBe(false)
})

it('tells when a child ends by itself', async () => {
  const child = startChild('/bin/sh', ['-c', 'exit 3'], '/')
  await child.gone
  expect(child.process.exitCode).toBe(3)
})

it('tells when a program does not exist', async () => {
  const child = startChild('/nowhere/java', [], '/')
  await child.gone
  expect(child.process.exitCode).toBe(127)
})

it('leaves no child behind when the parent is killed without warning', async () => {
  const module = new URL('../../../infra/local/child.ts', import.meta.url).href
  const script = `
    const { startChild } = await import(${JSON.stringify(module)})
    startChild(process.execPath, ${JSON.stringify(stubborn)}, '/').process.stdout.pipe(process.stdout)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout, 'data')
  const pid = Number(String(line))
  expect(isAlive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 60_000 })
})
