import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { functionSpecs } from '../../../infra/aws/functions.ts'
import { projectRoot } from '../../../infra/aws/project-root.ts'
import { closeServer } from '../../../infra/local/gateway.ts'
import type { LogEntry } from '../../../lib/effects/log-entry.ts'
import type { Table } from '../../../lib/table/document-client.ts'
import { compileCache } from '../../compile-cache.ts'
import { freshTable } from '../../fresh-table.ts'
import type { FaultyDatabase } from '../../functions/faulty-database.ts'
import { openFaultyDatabase } from '../../functions/faulty-database.ts'
import { handlerEnvironment } from '../../functions/handler-environment.ts'
import { asked as askedOf } from '../../functions/sample-authorizer-events.ts'
import { httpEvent } from '../../http/http-event.ts'
import { startSes } from '../../mail/ses-stand-in.ts'
import { makeOrganization } from '../../organizations/organization.ts'
import type { Scene } from '../../passwords/reset-scene.ts'
import { makeScene } from '../../passwords/reset-scene.ts'
import { handMadeFolder } from '../../providers/provider-documents.ts'
import { alarms, type Happened, isRaised, type Run, template } from './alarm-evaluation.ts'
import { resourcesOf } from './synthesised-template.ts'

let scene: Scene
let database: FaultyDatabase
let ses: Awaited<ReturnType<typeof startSes>>
let table: Table
let token: string

beforeAll(async () => {
  scene = await makeScene()
  scene.clock.milliseconds = Date.now()
  await scene.makeUser({ username: 'partner-42', email: 'ops@partner.example' })
  database = await openFaultyDatabase()
  ses = await startSes()
  table = await freshTable(['directory'])
  token = (await makeOrganization(table)).token
})
afterAll(async () => {
  ses.stop()
  await closeServer(database.server, 0)
})
beforeEach(() => {
  database.fault = () => null
})

const script = `
  const [entry, event, times] = process.argv.slice(1)
  const { handler } = await import(entry)
  for (let left = Number(times); left > 0; left -= 1) {
    const answer = await handler(JSON.parse(event), { getRemainingTimeInMillis: () => 900_000 })
    for (const stream of [process.stdout, process.stderr])
      stream.write('\\nANSWER ' + (answer?.statusCode ?? 200) + '\\n')
  }
  process.exit()`
const answered = /\nANSWER (\d+)\n/

type Given = {
  readonly change?: Readonly<Record<string, string>>
  readonly limits?: readonly string[]
}

/** Invokes a function one time after another, in a process of its own, at the log level that shows least. */
const invokeTimes = async (
  times: number,
  name: Run['name'],
  event: unknown,
  { change = {}, limits = [] }: Given = {},
): Promise<Run[]> => {
  const entry = new URL(functionSpecs[name].entry, `file://${projectRoot}/`).href
  const child = spawn(
    process.execPath,
    [...limits, '--input-type=module', '--eval', script, entry, JSON.stringify(event), String(times)],
    {
      cwd: projectRoot,
      env: handlerEnvironment({
        ...compileCache,
        TABLE_NAME: table.tableName,
        // Nothing listens there.
        POSTERN_PROVIDER_SOURCES: 'http://127.0.0.1:9/',
        MAIL_FROM: 'no-reply@postern.example',
        LOG_LEVEL: 'WARN',
        ALLOW_SAMPLING_RATE: '0',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
        AWS_ENDPOINT_URL_SESV2: ses.endpoint,
        ...change,
      }),
    },
  )
  // Each is the output of one invocation, its status, and so on.
  const [output, errors] = (await Promise.all([text(child.stdout), text(child.stderr)])).map((all) =>
    all.split(answered),
  )
  return Array.from({ length: times }, (_, index) => {
    const status = Number(errors?.[2 * index + 1] ?? 0)
    const printed = `${output?.[2 * index]}\n${errors?.[2 * index]}`
    const json = printed.split('\n').filter((line) => line.startsWith('{'))
    return { name, failed: status === 0, status, lines: json.map((line) => JSON.parse(line)) }
  })
}
const invoke = async (...given: [name: Run['name'], event: unknown, given?: Given]): Promise<Run> =>
  (await invokeTimes(1, ...given))[0] ?? expect.unreachable()

const asked = (authorization = `Bearer ${token}`) => askedOf(authorization, 'gw')
const listing = () => httpEvent('GET', '/v1/users', { headers: { authorization: `Bearer ${token}` } })
const broken = (operation: string) => {
  database.fault = (call) => (call === operation ? { error: 'AccessDeniedException' } : null)
}
const queueNamed = (name: string) =>
  resourcesOf(template, 'AWS::SQS::Queue').find(([id]) => id.startsWith(name))?.[0] ?? ''
const deadLettersOf = (type: string) =>
  resourcesOf(template, type).map(([, { Properties }]) => JSON.stringify(Properties))

/** For each alarm, how what it tells of comes about. */
const causes: Readonly<Record<string, () => Promise<Happened>>> = {
  AuthorizerFails: async () => {
    broken('BatchGetItem')
    return { runs: [await invoke('authorizer', asked())] }
  },
  AuthorizerThrottled: async () => ({ runs: [], throttled: 'authorizer' }),
  RateLimitNotCounted: async () => {
    broken('UpdateItem')
    const runs: Run[] = []
    // One instance would ask the counter for the first of them only.
    for (const _ of [1, 2, 3]) runs.push(await invoke('users', listing()))
    return { runs }
  },
  MailerFails: async () => {
    await scene.ask('partner-42')
    const Records = await scene.pending()
    ses.answers.push(
      ...Array.from({ length: 20 }, () => ({ status: 400, body: { message: 'not verified' } })),
    )
    const runs = await invokeTimes(
      3,
      'mailer',
      { Records },
      { change: { TABLE_NAME: scene.table.tableName } },
    )
    // Lambda sees no error: the records are given back, for another attempt.
    expect(runs.map(({ failed }) => failed)).toEqual([false, false, false])
    return { runs }
  },
  MailerBreaks: async () => ({
    runs: [await invoke('mailer', { Records: [] }, { change: { MAIL_FROM: '' } })],
  }),
  MailUndelivered: async () => {
    const queue = queueNamed('UndeliveredMail')
    expect(
      deadLettersOf('AWS::Lambda::EventSourceMapping').filter((text) => text.includes(queue)),
    ).toHaveLength(1)
    return { runs: [], queue }
  },
  ApiFails: async () => {
    broken('BatchGetItem')
    return { runs: await invokeTimes(5, 'users', listing()) }
  },
  ScheduleUndelivered: async () => {
    const queue = queueNamed('UndeliveredSchedules')
    const schedules = deadLettersOf('AWS::Scheduler::Schedule')
    expect(schedules.length).toBeGreaterThan(1)
    expect(schedules.filter((text) => !text.includes(queue))).toEqual([])
    return { runs: [], queue }
  },
  ProviderRefreshFails: async () => {
    broken('BatchGetItem')
    return { runs: [await invoke('refresh-providers', {})] }
  },
  ProviderRefreshMissing: async () => ({ runs: [] }),
  ProviderListRefused: async () => ({ runs: [await invoke('refresh-providers', {})] }),
  ProviderListOld: async () => {
    const change = { POSTERN_PROVIDER_SOURCES: `${pathToFileURL(handMadeFolder).href}/` }
    expect(
      isRaised('ProviderListRefused', { runs: [await invoke('refresh-providers', {}, { change })] }),
    ).toBe(false)
    await pause(1100)
    // Half of nothing: a list of a second ago is old.
    return { runs: [await invoke('refresh-providers', {}, { change: { PROVIDER_MAXIMUM_AGE_DAYS: '0' } })] }
  },
  ExpiryWarningFails: async () => {
    broken('Query')
    return { runs: [await invoke('warn-of-expiry', {})] }
  },
  ExpiryWarningMissing: async () => ({ runs: [] }),
}

/** Whose cause takes hundreds of rows: tests of the two domains make them, and see the line. */
const lines: readonly (readonly [alarm: string, name: Run['name'], event: LogEntry['event']])[] = [
  ['ExpiryWarningsLeft', 'warn-of-expiry', 'expiry_warnings_left'],
  ['ProviderNarrowingLost', 'refresh-providers', 'provider_narrowings_lost'],
]

describe('every alarm', () => {
  it('has a cause here that raises it (O2)', () => {
    expect([...alarms.keys()].toSorted()).toEqual(
      [...Object.keys(causes), ...lines.map(([id]) => id)].toSorted(),
    )
  })

  it.each(Object.entries(causes))(
    '%s is raised by what it tells of, and is quiet otherwise',
    async (id, happen) => {
      const happened = await happen()
      expect(isRaised(id, happened), JSON.stringify(happened)).toBe(true)
      const watchesSilence = alarms.get(id)?.['TreatMissingData'] === 'breaching'
      if (!watchesSilence) expect(isRaised(id, { runs: [] })).toBe(false)
      else {
        database.fault = () => null
        const name = id.startsWith('Provider') ? 'refresh-providers' : 'warn-of-expiry'
        expect(isRaised(id, { runs: [await invoke(name, {})] })).toBe(false)
      }
    },
  )

  it.each(lines)('%s counts a line that its function writes at every log level', async (id, name, event) => {
    const entry = `import { log } from "./functions/wiring/log.ts"; log({ event: "${event}" })`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', entry], {
      cwd: projectRoot,
      env: { ...compileCache, LOG_LEVEL: 'WARN' },
    })
    const printed = `${await text(child.stdout)}${await text(child.stderr)}`
    const found = printed.split('\n').filter((line) => line.startsWith('{'))
    const run = { name, failed: false, status: 200, lines: found.map((line) => JSON.parse(line)) }
    expect(isRaised(id, { runs: [run] })).toBe(true)
    expect(isRaised(id, { runs: [] })).toBe(false)
  })
})

describe('AuthorizerFails', () => {
  it('is raised when the function cannot start, runs out of memory, or meets a damaged row', async () => {
    expect(
      isRaised('AuthorizerFails', {
        runs: [await invoke('authorizer', asked(), { change: { TABLE_NAME: '' } })],
      }),
    ).toBe(true)
    const small = await invoke('authorizer', asked(), {
      limits: ['--max-old-space-size=8', '--max-semi-space-size=1'],
    })
    expect([small.failed, small.lines.filter(({ event }) => event === 'authorizer_fault')]).toEqual([
      true,
      [],
    ])
    expect(isRaised('AuthorizerFails', { runs: [small] })).toBe(true)
  })

  it('names the cause in the log: the error behind the error, and the request id of AWS', async () => {
    broken('BatchGetItem')
    const { lines } = await invoke('authorizer', asked())
    expect(lines.find(({ event }) => event === 'authorizer_fault')).toMatchObject({
      requestId: 'r',
      error: expect.stringMatching(
        /^DomainError: temporarily_unavailable, caused by AccessDeniedException: .*\(HTTP 400\b/,
      ),
    })
  })

  it('is quiet about callers that a REST API is told are unknown, however many, and not about faults among them', async () => {
    const methodArn = 'arn:aws:execute-api:eu-west-1:111122223333:gw/prod/GET/orders'
    const unknown = { type: 'TOKEN', authorizationToken: 'Bearer nobody-knows-it', methodArn }
    const refused = await invoke('authorizer', unknown)
    expect(refused.failed).toBe(true)
    const flood = Array.from({ length: 500 }, () => refused)
    expect(isRaised('AuthorizerFails', { runs: [refused] })).toBe(false)
    expect(isRaised('AuthorizerFails', { runs: flood })).toBe(false)
    // One more that its count of refusals came too late for.
    const late = { ...refused, lines: [] }
    expect(isRaised('AuthorizerFails', { runs: [...flood, late] })).toBe(false)
    expect(isRaised('AuthorizerFails', { runs: [...flood, ...Array.from({ length: 10 }, () => late)] })).toBe(
      true,
    )
  })
})
