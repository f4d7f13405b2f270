import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../infra/local/free-port.ts'
import type { Row } from './row.ts'

/**
 * From the command to the first answer of GET /health, on a warm install: with whatever is not built yet of bundles, template and console,
 * then in a new data folder, then a restart on it. Builds stay in `node_modules/.cache` until the sources change.
 */
export const startUpRows = async (): Promise<Row[]> => {
  const [first, data] = await Promise.all([newFolder(), newFolder()])
  const row = async (name: string, folder: string, limit: number | null): Promise<Row> => ({
    name: `npm start to first answer, ${name}`,
    value: await secondsToFirstAnswer(folder),
    unit: 's',
    limit,
  })
  try {
    return [
      await row('with the builds that are missing', first, null),
      await row('new data folder', data, 15),
      await row('restart', data, 15),
    ]
  } finally {
    await Promise.all([first, data].map((folder) => rm(folder, { recursive: true, force: true })))
  }
}
const newFolder = () => mkdtemp(join(tmpdir(), 'postern-bench-'))

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
      if (performance.now() - start > 180_000) throw new Error('no answer within three minutes')
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    await gone
  }
}
