import { type ChildProcess, spawn } from 'node:child_process'

/**
 * The child must not outlive this process, not even after a SIGKILL, which runs no handler. So a guard shell reads from a
 * pipe: the word `stop` asks the child to end, and the end of the pipe kills it.
 * A second shell is the child's parent, which reaps a killed child, so that its process id is not reused early.
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
  /** Ends the child, kills it after `limitMilliseconds`, and waits until it is gone. */
  readonly stop: (limitMilliseconds: number) => Promise<void>
}

/** Starts a program that cannot outlive this process, except on Windows, which has no such shell. Its output is piped. */
export function startChild(program: string, parameters: readonly string[], folder: string): Child {
  const isGuarded = process.platform !== 'win32'
  const child = isGuarded
    ? spawn('/bin/sh', ['-c', guarded, program, ...parameters], {
        cwd: folder,
        stdio: 'pipe',
        detached: true, // In its own session: Ctrl-C reaches only this process, and the child runs until requests are drained.
      })
    : spawn(program, parameters, { cwd: folder, stdio: 'pipe', windowsHide: true })
  child.stdin.on('error', () => {}) // EPIPE if the guard has already ended.
  child.once('error', () => {})
  child.once('exit', () => child.stdin.destroy())
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  return {
    process: child,
    gone,
    stop: async (limitMilliseconds) => {
      if (isGuarded) child.stdin.write('stop\n')
      else child.kill()
      const timer = setTimeout(() => child.stdin.destroy(), limitMilliseconds)
      await gone
      clearTimeout(timer)
    },
  }
}
