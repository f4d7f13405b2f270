import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from './start-error.ts'

const run = promisify(execFile)
const oldestJava = 17

const howToGetJava =
  'get it with `sudo apt install openjdk-17-jre-headless` on Debian or Ubuntu, `brew install openjdk@17` on macOS, ' +
  'or `winget install EclipseAdoptium.Temurin.17.JRE` on Windows, then run this again.'

type JavaEnvironment = { readonly [name: string]: string | undefined }

/** Path of a `java` that can run DynamoDB Local. Throws a StartError that says how to install one. */
export async function findJava(environment: JavaEnvironment): Promise<string> {
  const java = candidates(environment).find((path) => existsSync(path))
  if (java === undefined) {
    throw new StartError(
      `Postern needs Java ${oldestJava} or newer to run DynamoDB Local and found none: ${howToGetJava}`,
    )
  }
  const version = await majorVersion(java)
  // The /usr/bin/java of macOS is a stub: it only prints where to download Java.
  if (version === undefined) {
    throw new StartError(
      `Postern needs Java ${oldestJava} or newer, and ${java} does not run: ${howToGetJava}`,
    )
  }
  if (version < oldestJava) {
    throw new StartError(
      `Postern needs Java ${oldestJava} or newer, and ${java} is Java ${version}: ${howToGetJava}`,
    )
  }
  return java
}

function candidates(environment: JavaEnvironment): string[] {
  const program = process.platform === 'win32' ? 'java.exe' : 'java'
  const home = environment['JAVA_HOME']
  const fromHome = home ? [join(home, 'bin', program)] : []
  const onPath = (environment['PATH'] ?? environment['Path'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
  return [...fromHome, ...onPath]
}

async function majorVersion(java: string): Promise<number | undefined> {
  try {
    const { stdout, stderr } = await run(java, ['-version'], { timeout: 10_000 })
    // `version "17.0.15"`, and `version "1.8.0_412"` before Java 9.
    const found = /version "(?:1\.)?(\d+)/.exec(`${stderr}${stdout}`)?.[1]
    return found === undefined ? undefined : Number(found)
  } catch {
    return undefined
  }
}
