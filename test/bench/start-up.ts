import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../infra/local/free-port.ts'
import type { Row } from './row.ts'

/** From the command to the first answer of GET /health, on a warm install: a new data folder, then a restart on it. */
export const startUpRows = async (): Promise<Row[]> => {
  const data = await mkdtemp(join(tmpdir(), 'postern-bench-'))
  try {
    const first = await secondsToFirstAnswer(data)
    const again = await secondsToFirstAnswer(data)
    return [
      { name: 'npm start to first answer, new data folder', value: first, unit: 's', limit: 15 },
      { name: 'npm start to first answer, restart', value: again, unit: 's', limit: 15 },
    ]
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

const secondsToFirstAnswer = async (data: string): Promise<number> => {
  const port = await freePort()
  const start = performance.now()
  const child = spawn('npm', ['start'], {
    env: { ...process.env, PORT: String(port), POSTERN_DATA: data },
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own: npm can end before the shell's child does, which still holds the data folder.
    detached: true,
  })
  child.stdout.resume()
  const gone = new Promise((resolve) => child.on('close', resolve))
  try {
    for (;;) {
      const answered = await fetch(`http://127.0.0.1:${port}/health`).then(
        (reply) => reply.ok,
        () => false,
      )
      if (answered) return (performance.now() - start) / 1000
      if (performance.now() - start > 60_000) throw new Error('no answer within a minute')
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await gone
  }
}
