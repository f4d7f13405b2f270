import { execFileSync } from 'node:child_process'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { StartError } from './start-error.ts'

const holderSchema = z.object({ pid: z.int().positive(), startedAt: z.string() })
type Holder = z.infer<typeof holderSchema>

/**
 * Locks a folder for this process. Ignores the lock of a process that has ended; the start time distinguishes it from a
 * later process with the same id. Returns the release; throws a StartError while another process holds the lock.
 */
export function lockFolder(file: string, folder: string): () => void {
  const self: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? '' }
  // Linked into place when complete: a partial lock would look like that of a process that has ended.
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify(self))
  try {
    for (;;) {
      if (linked(draft, file)) return () => rmSync(file, { force: true })
      const holder = readHolder(file)
      if (holder !== undefined && isRunning(holder)) {
        throw new StartError(
          `The data folder ${folder} is in use by another Postern (process ${holder.pid}): stop that one, or set POSTERN_DATA and PORT to others.`,
        )
      }
      rmSync(file, { recursive: true, force: true })
    }
  } finally {
    rmSync(draft, { force: true })
  }
}

function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (isTaken) return false
    throw error
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

function isRunning({ pid, startedAt }: Holder): boolean {
  const start = startOf(pid)
  return start !== undefined && start === startedAt
}

/** When a process started, in a system-specific format; `undefined` = there is no such process. */
function startOf(pid: number): string | undefined {
  if (!exists(pid)) return undefined
  if (process.platform === 'linux') return startOnLinux(pid)
  if (process.platform === 'win32') return ''
  try {
    return execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Field 22 of /proc/<pid>/stat; the name before it may contain spaces and brackets. A zombie (`Z`) holds no lock. */
function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
