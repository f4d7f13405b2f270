import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LaptopProcess, startLaptopProcess } from './laptop-process.ts'
import { processesWith } from './process-table.ts'
import { servicePort } from './service-port.ts'

let root: string
let data: string
let records: string
let port: number
const started: LaptopProcess[] = []

const open = async () => {
  root = mkdtempSync(join(tmpdir(), 'postern-start-'))
  data = join(root, 'data')
  records = join(root, 'records')
  port = await servicePort()
}
const close = async () => {
  for (const laptop of started.splice(0)) {
    laptop.process.kill('SIGKILL')
    await laptop.ended
  }
  rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

function start(
  change: Readonly<Record<string, string>> = {},
  parameters: readonly string[] = [],
): LaptopProcess {
  const environment = { PORT: String(port), POSTERN_DATA: data, RECORDS_FILE: records, ...change }
  const laptop = startLaptopProcess(environment, parameters)
  started.push(laptop)
  return laptop
}

const url = (path: string) => `http://127.0.0.1:${port}${path}`

type Seen = {
  readonly environment: Readonly<Record<string, string>>
  readonly event: APIGatewayProxyEventV2
}
/** What the function behind /health has. */
const seen = async (): Promise<Seen> => JSON.parse(await (await fetch(url('/health'))).text())
const putRow = (name: string) => fetch(url(`/rows/${name}`), { method: 'PUT' })
const recorded = () => (existsSync(records) ? readFileSync(records, 'utf8').split('\n').filter(Boolean) : [])
const until = (condition: () => void) => vi.waitFor(condition, { timeout: 60_000, interval: 20 })
const nothingRuns = () => until(() => expect(processesWith(data)).toEqual([]))

async function refused(change: Readonly<Record<string, string>>, parameters: readonly string[] = []) {
  const laptop = start(change, parameters)
  expect(await laptop.ended).toBe(1)
  expect(laptop.errors().trimEnd().split('\n').length).toBe(1)
  await nothingRuns()
  return laptop.errors()
}

/** One data folder, from start to start: each takes seconds of processor time. */
describe('a Postern that runs', () => {
  let laptop: LaptopProcess
  let keyBefore: string | undefined
  beforeAll(async () => {
    await open()
    laptop = start({ SECRET_OF_THE_PERSON: 'x' })
    await laptop.ready()
  })
  afterAll(close)

  it('says where everything is, one `name: value` to a line', async () => {
    expect(laptop.output()).toMatch(new RegExp(`^API: http://localhost:${port}$`, 'm'))
    expect(laptop.output()).toMatch(new RegExp(`^docs: http://localhost:${port}/docs$`, 'm'))
    expect(laptop.output()).toMatch(/^mailbox: http:\/\/localhost:\d+$/m)
    expect(laptop.output()).toMatch(new RegExp(`^demo API: http://localhost:${port}/demo/orders$`, 'm'))
    expect(laptop.line('admin username')).toBe('admin')
    expect(laptop.line('admin password')).toBe('first-password')
    expect(laptop.line('admin token')).toBe('pst_first-token')
    expect(laptop.output().match(/^export .*$/gm)).toEqual([
      `export POSTERN=http://localhost:${port}`,
      `export MAILBOX=${laptop.line('mailbox')}`,
      'export TOKEN=pst_first-token',
    ])
    expect(laptop.output().trimEnd()).toMatch(/Ctrl-C stops it\.$/)
    expect(laptop.errors()).toBe('')
    expect(await (await fetch(`${laptop.line('mailbox')}/messages`)).json()).toEqual([])
  })

  it('gives a function what the template gives it, resolved to this machine', async () => {
    const { environment, event } = await seen()
    expect(environment).toMatchObject({
      ISSUER: `http://localhost:${port}`,
      SIGNING_KEY_ID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      AWS_ENDPOINT_URL_DYNAMODB: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      AWS_ENDPOINT_URL_KMS: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      AWS_ENDPOINT_URL_SESV2: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    })
    expect(environment).not.toHaveProperty('SECRET_OF_THE_PERSON')
    expect(event.requestContext.http.sourceIp).toBe('127.0.0.1')
  })

  it('holds a function to its role, and says what that lacks', async () => {
    await putRow('wanted-1')
    const refused = await fetch(`http://127.0.0.1:${port}/rows/wanted-1`, { method: 'DELETE' })
    expect(refused.status).toBe(500)
    const lacking = 'The function writer may not: dynamodb:DeleteItem on resource: arn:aws:dynamodb:'
    await until(() => expect(laptop.output() + laptop.errors()).toContain(lacking))
  })

  it('is left alone by another one, which refuses a data folder that is in use', async () => {
    const second = start({ PORT: String(await servicePort()) })
    expect(await second.ended).toBe(1)
    expect(second.errors()).toMatch(/in use by another Postern/)
    expect((await fetch(url('/health'))).status).toBe(200)
  })

  it('on SIGTERM ends with 0 and leaves no process', async () => {
    keyBefore = (await seen()).environment['SIGNING_KEY_ID']
    await putRow('other-1')
    await until(() => expect(recorded()).toEqual(['wanted-1']))
    await putRow('wanted-2') // Stopped at once: it may or may not have been delivered.
    expect(processesWith(data).length).toBeGreaterThan(0)
    laptop.process.kill('SIGTERM')
    expect(await laptop.ended).toBe(0)
    expect(processesWith(data)).toEqual([])
    expect(readdirSync(data)).not.toContain('lock')
  })

  it('after a restart has its data, its key, its administrator and its place in the stream', async () => {
    laptop = start()
    await laptop.ready()
    expect(laptop.line('admin token')).toBe('pst_first-token')
    expect((await seen()).environment['SIGNING_KEY_ID']).toBe(keyBefore)
    await until(() => expect(recorded()).toContain('wanted-2'))
    await putRow('wanted-3')
    await until(() => expect(recorded()).toContain('wanted-3'))
    expect(recorded().filter((name) => name === 'wanted-1')).toEqual(['wanted-1'])
    laptop.process.kill('SIGINT')
    expect(await laptop.ended).toBe(0)
  })

  it('begins anew with --fresh, and leaves what is not its own', async () => {
    writeFileSync(join(data, 'notes.txt'), 'mine')
    laptop = start({}, ['--fresh'])
    await laptop.ready()
    expect((await seen()).environment['SIGNING_KEY_ID']).not.toBe(keyBefore)
    expect(readFileSync(join(data, 'notes.txt'), 'utf8')).toBe('mine')
  })

  it('after SIGKILL leaves no process either, and the folder can be used at once', async () => {
    await putRow('wanted-4')
    laptop.process.kill('SIGKILL')
    await laptop.ended
    await nothingRuns()
    laptop = start()
    await laptop.ready()
    await until(() => expect(recorded()).toContain('wanted-4'))
  })

  it('stops when DynamoDB Local is gone, with a reason', async () => {
    for (const pid of processesWith(data)) process.kill(pid, 'SIGKILL')
    expect(await laptop.ended).toBe(1)
    expect(laptop.errors()).toMatch(/DynamoDB Local has ended: Postern stops\./)
  })

  it('does not start when its database or its administrator is damaged', async () => {
    const database = join(data, 'dynamodb')
    const files = [
      ['administrator.json', '{'],
      ...readdirSync(database)
        .filter((name) => name.endsWith('.db'))
        .map((name) => [join('dynamodb', name), 'garbage '.repeat(1000)] as const),
    ] as const
    for (const [name, text] of files) {
      const file = join(data, name)
      const whole = existsSync(file) ? readFileSync(file) : undefined
      writeFileSync(file, text)
      const complaint = await refused({})
      expect([name, complaint]).toEqual([name, expect.stringContaining('--fresh')])
      if (name.endsWith('.json'))
        expect(complaint).toMatch(/cannot be read: begin anew with `npm start -- --fresh`/)
      if (whole === undefined) rmSync(file)
      else writeFileSync(file, whole)
    }
  })
})

describe('a start', () => {
  beforeEach(open)
  afterEach(close)

  it('that is stopped in the middle ends with 0 and leaves no process', async () => {
    const laptop = start()
    await until(() => expect(processesWith(data).length).toBeGreaterThan(0))
    laptop.process.kill('SIGHUP')
    expect(await laptop.ended).toBe(0)
    expect(processesWith(data)).toEqual([])
  })
})

describe('a start that cannot be', () => {
  beforeEach(open)
  afterEach(close)

  it.each([
    ['0.0.0.0', 'every address'],
    ['127.0.0.1', 'the same address'],
    ['::1', 'the other address that localhost stands for'],
  ])('says that the port is taken on %s (%s)', async (host) => {
    const other: Server = createServer()
    await new Promise<void>((resolve) => other.listen(port, host, resolve))
    expect(await refused({})).toMatch(new RegExp(`^Port ${port} is taken`))
    await new Promise((resolve) => other.close(resolve))
  })

  it('says how to get Java where there is none', async () => {
    expect(await refused({ PATH: '' })).toMatch(/needs Java 17 .*apt install .*brew install .*winget install/)
  })

  it('refuses an option that it does not know, and says what would be right', async () => {
    expect(await refused({}, ['--frsh'])).toMatch(/--frsh.*--fresh/)
  })

  it('is none with --help, which lists every option', async () => {
    const laptop = start({}, ['--help'])
    expect(await laptop.ended).toBe(0)
    for (const option of ['--backend', '--port', '--fresh', '--quiet', '--help']) {
      expect(laptop.output()).toContain(`  ${option}`)
    }
    expect(existsSync(data)).toBe(false)
  })
})
