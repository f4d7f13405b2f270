import { spawn } from 'node:child_process'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servicePort } from '../infra/local/service-port.ts'

export type Reply = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: unknown
}

export type Ask = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, for bodies that are no JSON. */
  readonly raw?: string | Uint8Array
  /** The loopback address to call from: a real source address, not a header. */
  readonly from?: string
}

/** One HTTP request from a chosen source address. */
export const ask = (url: string, { method, headers, body, raw, from }: Ask = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const call = request(url, {
      method: method ?? (payload === undefined ? 'GET' : 'POST'),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(from === undefined ? {} : { localAddress: from }),
      agent: false,
    })
    call.on('error', reject)
    call.on('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: parsed(text) })
      })
    })
    call.end(payload)
  })

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type Mail = {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly at: string
}

export type Laptop = {
  readonly pid: number
  readonly api: string
  readonly lines: Readonly<Record<string, string>>
  readonly output: () => string
  /** All mails, or those to one address. */
  readonly mails: (to?: string) => Promise<readonly Mail[]>
  /** Waits until a mail to this address that `wanted` accepts has come. */
  readonly mailTo: (address: string, wanted?: (mail: Mail) => boolean) => Promise<Mail>
  /** As the administrator. */
  readonly admin: (path: string, given?: Ask) => Promise<Reply>
  readonly stop: () => Promise<number | null>
}

const readyWithinMilliseconds = 150_000

/** A change reaches protected APIs after one second instead of five, so that tests wait less. */
export const settings = 'test/e2e/settings.json'

/** The whole service as `npm start` runs it, on a free port and in a data folder of its own. */
export const startLaptop = async (environment: Readonly<Record<string, string>> = {}): Promise<Laptop> => {
  const data = await mkdtemp(join(await folderOfData(), 'postern-e2e-'))
  const port = await servicePort()
  const child = spawn(process.execPath, ['infra/local/start.ts'], {
    env: {
      ...process.env,
      PORT: String(port),
      POSTERN_DATA: data,
      POSTERN_SETTINGS: settings,
      // A test calls most functions. With fewer, a third of the service's time is loading them again.
      POSTERN_INSTANCES: '24',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
  const exited = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))
  const lines = await readyLines(() => printed, exited)
  const api = lines['API']
  const mailbox = lines['mailbox']
  const token = lines['admin token']
  if (api === undefined || mailbox === undefined || token === undefined)
    throw new Error(`Postern did not say where it is:\n${printed}`)

  const mails = async (to?: string): Promise<readonly Mail[]> => {
    const query = to === undefined ? '' : `?${new URLSearchParams({ to })}`
    return (await ask(`${mailbox}/messages${query}`)).json as Mail[]
  }
  return {
    pid: child.pid ?? 0,
    api,
    lines,
    output: () => printed,
    mails,
    mailTo: async (address, wanted = () => true) => {
      for (let attempt = 0; attempt < 1200; attempt += 1) {
        const found = (await mails(address)).find(wanted)
        if (found !== undefined) return found
        await pause(50)
      }
      throw new Error(`no such mail to ${address}`)
    },
    admin: (path, given = {}) =>
      ask(`${api}${path}`, { ...given, headers: { authorization: `Bearer ${token}`, ...given.headers } }),
    stop: async () => {
      child.kill('SIGTERM')
      const code = await exited
      await rm(data, { recursive: true, force: true })
      return code
    },
  }
}

const memoryFolder = '/dev/shm'
const neededBytes = 1024 ** 3

/** In memory where the system offers it: for each write of a user, the database waits five times for the disk. */
const folderOfData = async (): Promise<string> => {
  const { bavail, bsize } = await statfs(memoryFolder).catch(() => ({ bavail: 0, bsize: 0 }))
  return bavail * bsize >= neededBytes ? memoryFolder : tmpdir()
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The `name: value` lines, once the last of them is there. */
const readyLines = async (
  printed: () => string,
  exited: Promise<number | null>,
): Promise<Record<string, string>> => {
  const gone = exited.then((code) => ({ gone: code }))
  const until = performance.now() + readyWithinMilliseconds
  while (performance.now() < until) {
    const lines = Object.fromEntries(
      [...printed().matchAll(/^ *([a-z][a-z -]*): (\S.*)$/gim)].map(([, name, value]) => [
        name ?? '',
        value ?? '',
      ]),
    )
    if (lines['admin token'] !== undefined && /Ctrl-C/.test(printed())) return lines
    const raced = await Promise.race([gone, pause(50)])
    if (raced !== undefined) throw new Error(`Postern stopped with ${raced.gone}:\n${printed()}`)
  }
  throw new Error(`Postern was not ready in time:\n${printed()}`)
}
