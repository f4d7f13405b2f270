import { type ChildProcess, spawn } from 'node:child_process'

/**
 * The child must not outlive us, not even after a SIGKILL of this process, which runs no handler. So a shell beside it
 * reads from a pipe: the word `stop` asks the child to end, and the pipe's end, however it comes, kills it.
 * A second shell is the child's parent, so that a killed child is reaped and its process id is not given away early.
 */
const guarded = `
exec 3<&0
"$0" "$@" </dev/null 3<&- & child=$!
( read -r word <&3 && [ "$word" = stop ] && kill -TERM $child && read -r word <&3; kill -KILL $child ) 2>/dev/null & guard=$!
exec 3<&- </dev/null
wait $child; status=$?
kill -KILL $guard 2>/dev/null; wait $guard 2>/dev/null
exit $status`

export type Child = {
  readonly process: ChildProcess
  /** Resolves when the child and its guard are gone. */
  readonly gone: Promise<void>
  /** Ends the child, by force after `patienceMilliseconds`, and waits for it. */
  readonly stop: (patienceMilliseconds: number) => Promise<void>
}

/** Starts a program that cannot outlive this process. Its output is piped. On Windows it can: there is no such shell. */
export function startChild(program: string, parameters: readonly string[], folder: string): Child {
  const isGuarded = process.platform !== 'win32'
  const child = isGuarded
    ? spawn('/bin/sh', ['-c', guarded, program, ...parameters], {
        cwd: folder,
        stdio: 'pipe',
        detached: true, // In a session of its own: Ctrl-C must reach only us, and the child stay until we have drained.
      })
    : spawn(program, parameters, { cwd: folder, stdio: 'pipe', windowsHide: true })
  child.stdin.on('error', () => {}) // EPIPE when the guard has gone before us.
  child.once('error', () => {})
  child.once('exit', () => child.stdin.destroy())
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  return {
    process: child,
    gone,
    stop: async (patienceMilliseconds) => {
      if (isGuarded) child.stdin.write('stop\n')
      else child.kill()
      const impatience = setTimeout(() => child.stdin.destroy(), patienceMilliseconds)
      await gone
      clearTimeout(impatience)
    },
  }
}
