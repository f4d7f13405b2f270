import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { days, required, seconds, share } from '../../functions/wiring/environment.ts'
import { logPageFault } from '../../functions/wiring/page-fault.ts'
import { openProviderRanges } from '../../functions/wiring/provider-ranges.ts'
import { openSightings } from '../../functions/wiring/sightings.ts'
import { openThrottles } from '../../functions/wiring/throttles.ts'
import { countUnauthorized } from '../../functions/wiring/usage.ts'
import { openUsageCounts } from '../../functions/wiring/usage-counts.ts'
import { wait } from '../../functions/wiring/wait.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { currentPasswordInARow, passwordChangePerCredential } from '../../lib/limits/throttle-rule.ts'
import { rangeCopies } from '../../lib/providers/provider-store.ts'
import { parseEntry } from '../../lib/whitelist/entry.ts'
import { workBehind } from '../behind.ts'
import { shop, subject } from '../decision/sample-subject.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { makeOrganization } from '../organizations/organization.ts'
import { newTestKey } from '../sessions/crafted-token.ts'
import { startKms } from '../sessions/kms-over-http.ts'
import { endpointOf } from './deployment.ts'
import { extensionsApi } from './extensions-api.ts'
import { handlerEnvironment } from './handler-environment.ts'
import { loadHandlersIn } from './load-handlers.ts'
import { asked } from './sample-authorizer-events.ts'

const lines: Record<string, unknown>[] = []
beforeEach(() => {
  lines.length = 0
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(JSON.parse(String(line)))
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

describe('an environment variable', () => {
  it('that is missing or empty is named by the error', () => {
    vi.stubEnv('ONE', 'text')
    vi.stubEnv('EMPTY', '')
    expect(required('ONE')).toBe('text')
    for (const name of ['EMPTY', 'MISSING'])
      expect(() => required(name)).toThrow(`variable ${name} is not set`)
  })

  it.each(['-1', '1.5', 'x'])('that is to be a whole number is not %s', (text) => {
    vi.stubEnv('NUMBER', '0')
    expect([seconds('NUMBER'), days('NUMBER')]).toEqual([0, 0])
    vi.stubEnv('NUMBER', text)
    expect(() => seconds('NUMBER')).toThrow('variable NUMBER is no number of seconds')
    expect(() => days('NUMBER')).toThrow('variable NUMBER is no number of days')
  })

  it('that is to be a share is from 0 to 1, and 1 without it', () => {
    expect(share('SHARE')).toBe(1)
    for (const value of [0, 0.5, 1]) {
      vi.stubEnv('SHARE', String(value))
      expect(share('SHARE')).toBe(value)
    }
    for (const text of ['-0.1', '1.1', 'x']) {
      vi.stubEnv('SHARE', text)
      expect(() => share('SHARE')).toThrow('variable SHARE is no number from 0 to 1')
    }
  })
})

describe('attempts', () => {
  it('are counted in the window of the clock or in a row, taken back, and forgotten', async () => {
    const table = await freshTable()
    const { countAttempt, uncountAttempt, resetAttempts } = openThrottles(table)
    const start = Date.parse('2026-11-22T10:07:20Z')
    const clock = vi.spyOn(Date, 'now').mockReturnValue(start)
    const inWindow = () => countAttempt(passwordChangePerCredential, 'key_1')
    expect([await inWindow(), await inWindow()]).toEqual([1, 2])
    await uncountAttempt({ rule: passwordChangePerCredential, subject: 'key_1', at: start })
    expect(await inWindow()).toBe(2)
    clock.mockReturnValue(start + passwordChangePerCredential.windowSeconds * 1000)
    expect(await inWindow()).toBe(1)
    const inARow = () => countAttempt(currentPasswordInARow, 'usr_1')
    expect([await inARow(), await inARow()]).toEqual([1, 2])
    await resetAttempts(currentPasswordInARow, 'usr_1')
    expect(await inARow()).toBe(1)
  })
})

describe('a container', () => {
  const decision = { allow: true, subject: subject(), aid: null, by: 'test' } as const
  const request = {
    ...{ address: '203.0.113.7', method: 'GET', path: '/orders', aid: null },
    target: { kind: 'protected', api: shop },
  } as const

  it('reads the ranges of clouds from one of their copies, others from others', async () => {
    vi.stubEnv('PROVIDER_MAXIMUM_AGE_DAYS', '30')
    const table = await freshTable()
    const entry = parseEntry('AWS')
    if (!entry.ok || entry.entry.kind !== 'provider') throw new Error('no provider')
    const send = vi.spyOn(table.client, 'send')
    const copies: string[] = []
    for (const chance of [0, 0.5, 1 - Number.EPSILON]) {
      vi.spyOn(Math, 'random').mockReturnValue(chance)
      send.mockClear()
      await openProviderRanges(table)([entry.entry])
      copies.push(JSON.stringify(send.mock.calls))
    }
    expect(new Set(copies).size).toBe(3)
    expect(copies.at(-1)).toContain(`#${rangeCopies - 1}`)
  })

  it('notes where its callers come from, unless that is switched off', async () => {
    const table = await freshTable()
    for (const [setting, isNoted] of [
      ['off', false],
      ['', true],
    ] as const) {
      vi.stubEnv('SIGHTINGS', setting)
      const { behind, settled } = workBehind()
      openSightings(table, behind)(decision.subject, request, true)
      await settled()
      expect((await allItems(table)).length > 0).toBe(isNoted)
    }
  })

  it('counts in rows of its own', async () => {
    const table = await freshTable()
    const { behind, settled } = workBehind()
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-22T10:30:00Z'))
    const containers = [openUsageCounts(table, behind), openUsageCounts(table, behind)]
    for (const count of containers) count(decision, request)
    clock.mockReturnValue(Date.parse('2026-11-22T11:30:00Z'))
    for (const count of containers) count(decision, request)
    await settled()
    expect(await allItems(table)).toHaveLength(2)
  })
})

describe('a fault that a page answers', () => {
  it('is logged with its operation and the name of its cause, whose message may show what was typed', () => {
    const log = logPageFault('submitResetPage', 'request-1')
    log(new DomainError('temporarily_unavailable', { cause: new TypeError('typed by a person') }))
    log(new DomainError('internal_error', {}))
    const line = { event: 'request_failed', operation: 'submitResetPage', requestId: 'request-1' }
    expect(lines).toMatchObject([
      { ...line, code: 'temporarily_unavailable', error: 'TypeError' },
      { ...line, code: 'internal_error' },
    ])
    expect(lines[1]).not.toHaveProperty('error')
  })
})

describe('an answer that a REST API hears as an error', () => {
  it('is counted for its function', () => {
    for (const name of ['postern-authorizer', '']) {
      vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', name)
      countUnauthorized()
    }
    expect(lines).toMatchObject([
      { FunctionName: 'postern-authorizer', Unauthorized: 1 },
      { FunctionName: 'unknown', Unauthorized: 1 },
    ])
  })
})

describe('waiting', () => {
  it('ends when it is stopped', async () => {
    const stop = new AbortController()
    const waiting = wait(600_000, stop.signal)
    stop.abort()
    expect(await waiting).toBeUndefined()
  }, 5000)
})

describe('the key that seals', () => {
  it('is asked twice if it does not answer, and not for longer than a login has', async () => {
    const kms = await startKms(new Map())
    kms.fault = () => 'silence'
    await loadHandlersIn(
      handlerEnvironment({
        TABLE_NAME: 'none',
        AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
        AWS_ENDPOINT_URL_KMS: await endpointOf(kms),
      }),
    )
    const { openSeal } = await import('../../functions/wiring/seal.ts')
    await expect(openSeal().seal(Buffer.from('secret'), { purpose: 'cursor' })).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    })
    expect(kms.calls).toHaveLength(2)
    await kms.close()
  }, 8000)
})

describe('the keys that sign', () => {
  it('are several while one replaces another: the first signs, if need be at the second try, and all verify', async () => {
    const [next, last] = [newTestKey(), newTestKey()]
    const kms = await startKms(new Map(Object.entries({ next, last })))
    await loadHandlersIn(
      handlerEnvironment({
        TABLE_NAME: 'none',
        SIGNING_KEY_ID: 'next,last',
        AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
        AWS_ENDPOINT_URL_KMS: await endpointOf(kms),
      }),
    )
    const { openSessions } = await import('../../functions/wiring/sessions.ts')
    const { signer } = openSessions()
    const shown = (await signer.publicKeys()).map(({ key }) => key)
    expect(shown.map((key, index) => key.equals([next, last][index]?.key ?? key))).toEqual([true, true])
    await signer.sign(Buffer.from('text'))
    expect(kms.calls.at(-1)).toMatchObject({ operation: 'Sign', input: { KeyId: 'next' } })
    kms.fault = () => 'silence'
    kms.calls.length = 0
    await expect(signer.sign(Buffer.from('text'))).rejects.toMatchObject({ code: 'temporarily_unavailable' })
    expect(kms.calls).toHaveLength(2)
    await kms.close()
  })
})

describe('the authorizer', () => {
  it('lets its environment freeze when it has answered, also when it could not decide', async () => {
    const table = await freshTable()
    const { token } = await makeOrganization(table)
    const api = await extensionsApi()
    const kms = await startKms(new Map([['signing', newTestKey()]]))
    const environment = handlerEnvironment({
      TABLE_NAME: table.tableName,
      AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
      AWS_ENDPOINT_URL_KMS: await endpointOf(kms),
      AWS_LAMBDA_RUNTIME_API: api.host,
    })
    await loadHandlersIn(environment)
    const { handler, ready } = await import('../../functions/authorizer.ts')
    await ready
    await vi.waitUntil(api.mayFreeze, { timeout: 60_000 })
    const invoke = async (awsRequestId: string, event: unknown) => {
      // More time than this waits: at its end, the environment freezes anyway.
      api.invoke(awsRequestId, 600_000)
      const [answer] = await Promise.allSettled([handler(event, { awsRequestId })])
      await vi.waitUntil(api.mayFreeze, { timeout: 60_000 })
      return answer
    }
    expect(await invoke('1', asked(`Bearer ${token}`, 'gw'))).toMatchObject({ value: { isAuthorized: true } })
    const methodArn = 'arn:aws:execute-api:eu-west-1:1:gw/prod/GET/orders'
    expect(
      await invoke('2', { type: 'TOKEN', authorizationToken: 'Bearer nobody', methodArn }),
    ).toMatchObject({ reason: { message: 'Unauthorized' } })
    api.close()
    await kms.close()
  })

  it('serves gateways that nobody registered, unless its deployment denies them', async () => {
    const table = await freshTable()
    const { token } = await makeOrganization(table)
    const answers: unknown[] = []
    for (const setting of ['first-organization', 'deny']) {
      await loadHandlersIn(
        handlerEnvironment({
          TABLE_NAME: table.tableName,
          AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
          UNREGISTERED_GATEWAYS: setting,
        }),
      )
      const { handler } = await import('../../functions/authorizer.ts')
      answers.push(await handler(asked(`Bearer ${token}`, 'unregistered')))
    }
    expect(answers).toMatchObject([{ isAuthorized: true }, { isAuthorized: false }])
  })

  it('logs every denial, and as many of the other decisions as its deployment says', async () => {
    const table = await freshTable()
    const { token } = await makeOrganization(table)
    const chance = vi.spyOn(Math, 'random')
    await loadHandlersIn(
      handlerEnvironment({
        TABLE_NAME: table.tableName,
        AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
        ALLOW_SAMPLING_RATE: '0.5',
        LOG_LEVEL: 'INFO',
      }),
    )
    const { handler } = await import('../../functions/authorizer.ts')
    for (const value of [0.4, 0.6]) {
      chance.mockReturnValue(value)
      await handler(asked(`Bearer ${token}`, 'gw'))
      await handler(asked('Bearer nobody', 'gw'))
    }
    const refused = { status: 403, reason: 'credential_malformed' }
    expect(lines.filter(({ event }) => event === 'decision')).toMatchObject([
      { status: 200, samplingRate: 0.5 },
      refused,
      refused,
    ])
  })
})
