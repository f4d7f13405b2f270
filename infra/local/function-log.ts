import { existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs'

const rotateAtBytes = 10 * 1024 * 1024

/** Opens the file of the functions' logs, in place of CloudWatch; the previous file is kept as `.1`. */
export function openFunctionLog(file: string): (functionName: string, line: string) => void {
  if (existsSync(file) && statSync(file).size > rotateAtBytes) renameSync(file, `${file}.1`)
  const descriptor = openSync(file, 'a', 0o600)
  return (functionName, line) => {
    writeSync(descriptor, `${functionName}\t${line}\n`)
  }
}
