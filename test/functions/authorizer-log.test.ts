import { describe, expect, it, vi } from 'vitest'
import { decisionEntry, readAuthorizerEvent } from '../../functions/wiring/authorizer-event.ts'
import { sampledDecisions } from '../../functions/wiring/log.ts'
import type { Subject } from '../../lib/decision/subject.ts'
import type { LogEntry } from '../../lib/effects/log-entry.ts'
import { compileWhitelist } from '../../lib/whitelist/match.ts'
import { shop, subject } from '../decision/sample-subject.ts'

describe('the log of a decision', () => {
  it('names the caller, by what it called, and who acts as it', () => {
    const event = {
      version: '2.0',
      rawPath: '/orders/17',
      requestContext: { requestId: 'r', http: { method: 'GET', sourceIp: '192.0.2.1' } },
    }
    const request = { method: 'GET', path: '/orders/17', target: { kind: 'protected', api: shop } } as const
    const entryOf = (caller: Subject) =>
      decisionEntry(readAuthorizerEvent(event), {
        allow: true,
        subject: caller,
        aid: null,
        by: 'test',
        request,
      })
    const plain = {
      event: 'decision',
      requestId: 'r',
      operation: 'GET /orders/17',
      status: 200,
      address: '192.0.2.1',
      apiId: shop.apiId,
      userId: 'usr_4k2m9x7q1w8e5r3t' as const,
      organizationId: 'org_1' as const,
    }
    expect(entryOf(subject())).toEqual({ ...plain, keyId: 'key_1' })
    const provenBy = {
      kind: 'session',
      keyId: null,
      sessionId: 'ses_1',
      actorId: 'usr_2' as const,
      audience: null,
    } as const
    const actor = { userId: 'usr_2' as const, whitelist: compileWhitelist([]), integrationVendor: 'acme' }
    expect(entryOf(subject({ provenBy, actor }))).toEqual({
      ...plain,
      actingUserId: 'usr_2' as const,
      integrationVendor: 'acme',
    })
  })

  it('F5: shows no credential that a caller put into the path', () => {
    const token = `pst_${'a'.repeat(36)}_${'B'.repeat(49)}`
    const session = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.c2lnbmF0dXJl'
    const paths = [`/orders/${token}`, `/orders/${session}/lines`]
    const events = paths.flatMap((path) => [
      {
        version: '2.0',
        rawPath: path,
        headers: { authorization: `Bearer ${token}` },
        requestContext: { requestId: 'r', http: { method: 'GET', sourceIp: '192.0.2.1' } },
      },
      {
        type: 'TOKEN',
        authorizationToken: token,
        methodArn: `arn:aws:execute-api:eu-west-1:1:api/prod/GET${path}`,
      },
    ])
    for (const event of events) {
      const read = readAuthorizerEvent(event)
      const { method, path } = read.gateway
      const request = { method, path, target: { kind: 'protected', api: shop } } as const
      const entry = decisionEntry(read, {
        allow: false,
        reason: 'credential_unknown',
        subject: null,
        request,
      })
      const text = JSON.stringify(entry)
      expect(entry).toMatchObject({
        event: 'decision',
        status: read.kind === 'http-api' ? 403 : 401,
        reason: 'credential_unknown',
        apiId: shop.apiId,
      })
      expect(entry.operation).toMatch(/^GET \/orders\//)
      expect(text.includes(token) || text.includes(session)).toBe(false)
    }
  })
})

describe('sampling', () => {
  const allow: LogEntry = { event: 'decision', status: 200, requestId: 'r' }
  const denials = [401, 403].map((status): LogEntry => ({ ...allow, status, reason: 'endpoint_not_granted' }))
  /** What is logged of an entry for each of 1,000 evenly spread chances. */
  const logged = (entry: LogEntry, rate: number): LogEntry[] => {
    const lines: LogEntry[] = []
    let asked = 0
    const write = sampledDecisions(
      rate,
      () => asked++ / 1000,
      (line) => lines.push(line),
    )
    for (let index = 0; index < 1000; index += 1) write(entry)
    return lines
  }

  it.each([1, 0.5, 0.1, 0.001, 0])('lets the allows be counted from the lines at the rate %d', (rate) => {
    const lines = logged(allow, rate)
    expect(lines).toHaveLength(rate * 1000)
    const counted = lines.reduce((sum, { samplingRate = 1 }) => sum + 1 / samplingRate, 0)
    if (rate > 0) expect(counted).toBeCloseTo(1000)
    if (rate === 1) expect(lines[0]).toEqual(allow)
  })

  it.each([1, 0.1, 0])('leaves out no denial, and marks none, at the rate %d', (rate) => {
    for (const denial of denials) expect(logged(denial, rate)).toEqual(Array(1000).fill(denial))
  })
})

describe('a level of the log', () => {
  const success: LogEntry = { event: 'decision', status: 200 }
  const refusals: readonly LogEntry[] = [
    { event: 'decision', status: 403, reason: 'endpoint_not_granted' },
    { event: 'request', status: 409, code: 'username_taken' },
    { event: 'sightings_not_noted', error: 'TimeoutError' },
    { event: 'expiry_warnings_left' },
  ]

  /** The lines of these entries. */
  const written = async (level: string, entries: readonly LogEntry[]): Promise<Record<string, unknown>[]> => {
    vi.stubEnv('LOG_LEVEL', level)
    vi.resetModules()
    const lines: Record<string, unknown>[] = []
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      lines.push(JSON.parse(String(line)))
      return true
    })
    const { log } = await import('../../functions/wiring/log.ts')
    for (const entry of entries) log(entry)
    stdout.mockRestore()
    vi.unstubAllEnvs()
    return lines
  }

  it.each([
    ['INFO', [success, ...refusals]],
    ['WARN', refusals],
    ['SILENT', []],
  ])('%s logs these: refusals and faults at WARN, what succeeded at INFO only', async (level, expected) => {
    const anyTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(await written(level, [success, ...refusals])).toEqual(
      expected.map((entry) => ({ level: expect.any(String), timestamp: anyTime, ...entry })),
    )
  })

  it('is ERROR for what an alarm counts, WARN for what says why, and INFO for the rest', async () => {
    const counted: readonly LogEntry['event'][] = [
      'request_failed',
      'authorizer_fault',
      'rate_limit_not_counted',
      'provider_list_refused',
      'provider_list_too_old',
      'provider_narrowings_lost',
      'mail_failed',
      'expiry_warning_failed',
      'expiry_warnings_left',
    ]
    const severities = async (entries: readonly LogEntry[]) =>
      (await written('INFO', entries)).map(({ level }) => level)
    const faults = counted.flatMap((event): LogEntry[] => [{ event }, { event, error: 'TimeoutError' }])
    expect(await severities(faults)).toEqual(faults.map(() => 'ERROR'))
    const reasons: readonly LogEntry[] = [
      { event: 'decision', reason: 'endpoint_not_granted' },
      { event: 'request', code: 'username_taken' },
      { event: 'last_use_not_noted', error: 'TimeoutError' },
    ]
    expect(await severities([...reasons, success])).toEqual(['WARN', 'WARN', 'WARN', 'INFO'])
  })
})
