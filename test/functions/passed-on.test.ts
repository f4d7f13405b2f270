import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { closeServer } from '../../infra/local/gateway.ts'
import { denialsKept, loginPerAccountAndSource, refusalsNoted } from '../../lib/limits/throttle-rule.ts'
import { parseAwsList } from '../../lib/providers/lists/aws-list.ts'
import { refreshProvider } from '../../lib/providers/refresh-providers.ts'
import { allItems } from '../fresh-table.ts'
import { handMadeFolder, readDocuments } from '../providers/provider-documents.ts'
import { refreshing } from '../providers/refresh-scene.ts'
import type { Deployment } from './deployment.ts'
import { address, deployment } from './deployment.ts'
import type { FaultyDatabase } from './faulty-database.ts'
import { openFaultyDatabase } from './faulty-database.ts'

/** What the functions pass to use cases that tests of the use cases bring themselves: tables, clocks, limits, logs. */

let database: FaultyDatabase
let deployed: Deployment
let work: typeof import('../../functions/wiring/behind.ts')
const lines: Record<string, unknown>[] = []
const password = 'a passphrase of the owner'
const orders = { 'shop/orders': 'read' } as const

beforeAll(async () => {
  // Before the functions are loaded, which take their clock then. In the middle of a window of every limit.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T10:07:20Z') })
  database = await openFaultyDatabase()
  deployed = await deployment({ AWS_ENDPOINT_URL_DYNAMODB: database.endpoint, LOG_LEVEL: 'INFO' })
  work = await import('../../functions/wiring/behind.ts')
})
afterAll(async () => {
  await deployed.kms.close()
  await closeServer(database.server, 0)
})
beforeEach(() => {
  database.fault = () => null
  lines.length = 0
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(JSON.parse(String(line)))
    return true
  })
  return () => void vi.mocked(process.stdout.write).mockRestore()
})

const events = (event: string) => lines.filter((line) => line['event'] === event)
const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` })
const asAdmin = () => bearer(deployed.first.token)
/** What fails of all that is sent to DynamoDB. */
const failing = (isMeant: (body: string) => boolean) => {
  database.fault = (_operation, body) => (isMeant(body) ? { error: 'AccessDeniedException' } : null)
}
/** The clock never goes back: containers hold what they know for so long. */
const later = async <T>(hours: number, act: () => Promise<T>): Promise<T> => {
  vi.setSystemTime(Date.now() + hours * 3_600_000)
  const result = await act()
  await work.settled()
  return result
}
/** How many decisions are written meanwhile. The requests of tests have one id, so each is the same item. */
const countKept = async (act: () => Promise<unknown>): Promise<number> => {
  let kept = 0
  database.fault = (_operation, body) => {
    if (body.includes('"DECISION#') && body.includes('"steps"')) kept += 1
    return null
  }
  await act()
  await work.settled()
  return kept
}
const rowsOf = async (kind: string, userId: string) =>
  (await allItems(deployed.table)).filter(
    (item) => item['kind'] === kind && JSON.stringify(item).includes(userId),
  )
const lastUse = async (userId: string) =>
  (await rowsOf('credential', userId)).map((item) => item['lastUsedAt'])
/** Of a credential: that of its user is written as well. */
const isLastUse = (body: string) => body.includes('SET lastUsedAt') && body.includes('"KEY#')

describe('the last use of a credential', () => {
  it('is written before the API answers, if that takes no longer than a moment', async () => {
    const { http } = (await import('../../functions/wiring/api.ts')).openApi()
    const write = Promise.withResolvers<void>()
    let isFinished = false
    work.behind(() => write.promise)
    const finished = http.finishWork().then(() => {
      isFinished = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isFinished).toBe(false)
    write.resolve()
    await finished
    const stuck = Promise.withResolvers<void>()
    work.behind(() => stuck.promise)
    await http.finishWork()
    stuck.resolve()
  }, 20_000)

  it('is in the log if it cannot be written, and the request is answered', async () => {
    const { token, user } = await deployed.make({ username: 'unnoted' })
    const before = await lastUse(user.userId)
    failing(isLastUse)
    const answer = () => deployed.call('GET', '/v1/users/me', bearer(token))
    expect((await later(1, answer)).status).toBe(200)
    expect(events('last_use_not_noted')).toMatchObject([
      { keyId: expect.stringMatching(/^key_/), error: expect.stringContaining('AccessDeniedException') },
    ])
    expect(await lastUse(user.userId)).toEqual(before)
    database.fault = () => null
    await later(1, answer)
    expect(await lastUse(user.userId)).not.toEqual(before)
  })

  it('keeps no decision of the authorizer waiting, unless it ends another credential', async () => {
    const { token, user } = await deployed.make({ username: 'rotating', permissions: orders })
    const [stored] = await rowsOf('credential', user.userId)
    const keyId = String(stored?.['keyId'])
    const rotated = await deployed.call('POST', `/v1/users/${user.userId}/keys/${keyId}/rotate`, {
      ...asAdmin(),
      json: { endOldOnFirstUse: true },
    })
    const { token: successor } = Object(rotated.body['credential'])
    const told: string[] = []
    database.fault = (_operation, body) => {
      if (isLastUse(body) && body.includes(user.userId)) told.push('written')
      return null
    }
    const ask = async (credential: string) => {
      told.length = 0
      const { outcome } = await deployed.ask(`Bearer ${credential}`, { gatewayId: 'shop' }, 'GET /orders')
      told.push(outcome)
    }
    vi.setSystemTime(Date.now() + 3_600_000)
    await ask(token)
    await work.settled()
    expect(told).toEqual(['allowed', 'written'])
    await ask(successor)
    expect(told).toEqual(['written', 'allowed'])
    const old = (await rowsOf('credential', user.userId)).find((item) => item['keyId'] === keyId)
    expect(old?.['expiresAt']).toBe(new Date().toISOString())
    // It has ended the other one.
    vi.setSystemTime(Date.now() + 3_600_000)
    await ask(successor)
    await work.settled()
    expect(told).toEqual(['allowed', 'written'])
  })
})

describe('a container', () => {
  it('keeps what a request with an Idempotency-Key was answered for a day, by its own clock', async () => {
    const post = () =>
      deployed.call('POST', '/v1/users', {
        ...asAdmin(),
        json: { username: 'once-a-day' },
        headers: { 'idempotency-key': 'once-a-day' },
      })
    expect((await post()).status).toBe(201)
    expect((await post()).status).toBe(201)
    expect((await later(25, post)).body).toMatchObject({ code: 'username_taken' })
  })

  it('shows a user its memberships', async () => {
    const { token } = await deployed.make({ username: 'invited-away' })
    await deployed.call('POST', '/v1/users', {
      ...bearer(deployed.second.token),
      json: { username: 'invited-away' },
    })
    const { body } = await deployed.call('GET', '/v1/users/me/memberships', bearer(token))
    expect(body['memberships']).toContainEqual(
      expect.objectContaining({ organizationId: deployed.second.organizationId, status: 'invited' }),
    )
  })

  it('writes where its callers came from, what they asked for, and how often', async () => {
    const { token, user } = await deployed.make({ username: 'seen', permissions: orders })
    const ask = () => deployed.ask(`Bearer ${token}`, { gatewayId: 'shop' }, 'GET /orders')
    await ask()
    await work.settled()
    const { text: seen } = await deployed.call('GET', `/v1/users/${user.userId}/sightings`, asAdmin())
    expect(seen).toContain(address)
    await later(1, ask)
    const { text: counted } = await deployed.call('GET', '/v1/usage', {
      ...asAdmin(),
      query: `userId=${user.userId}`,
    })
    expect(counted).toContain(user.userId)
  })

  it('says what it could not write of that, and decides all the same', async () => {
    const { token } = await deployed.make({ username: 'unseen', permissions: orders })
    const ask = () => deployed.ask(`Bearer ${token}`, { gatewayId: 'shop' }, 'GET /orders')
    failing((body) => /SIGHTINGS#|USAGE#/.test(body))
    expect((await ask()).outcome).toBe('allowed')
    // The row of an hour that is over is written with the next decision.
    expect((await later(1, ask)).outcome).toBe('allowed')
    expect(events('sightings_not_noted')).not.toEqual([])
    expect(events('usage_not_counted')).not.toEqual([])
  })

  it('compares addresses with the lists of clouds, and says when it cannot read them', async () => {
    const { aws } = readDocuments(handMadeFolder)
    await refreshProvider(refreshing(deployed.table, parseAwsList(aws), Date.now()), 'AWS')
    const made = await deployed.call('POST', '/v1/users', {
      ...asAdmin(),
      json: { username: 'in-the-cloud', whitelist: ['AWS'], generate: 'token' },
    })
    const { token } = Object(made.body['credential'])
    const from = async (source: string) =>
      (await deployed.call('GET', '/v1/users/me', { ...bearer(token), address: source })).status
    expect(await from('3.5.141.7')).toBe(200)
    expect(await from('192.0.2.1')).toBe(403)
    expect(events('provider_ranges_not_read')).toEqual([])
    failing((body) => body.includes('"PROVIDER#'))
    expect(await later(1, () => from('3.5.141.7'))).toBe(200)
    expect(events('provider_ranges_not_read')).not.toEqual([])
  })

  it('counts the requests of a user with a limit, and lets the counter take a moment only', async () => {
    const { token, user } = await deployed.make({ username: 'limited' })
    const { status } = await deployed.call('PUT', `/v1/users/${user.userId}/rate-limit`, {
      ...asAdmin(),
      json: { rateLimitPerMinute: 2 },
    })
    expect(status).toBe(200)
    const ask = async () => (await deployed.call('GET', '/v1/users/me', bearer(token))).status
    const counted: string[] = []
    const answered = Promise.withResolvers<void>()
    database.fault = (_operation, body) => {
      if (!body.includes('"RATE#')) return null
      counted.push(body)
      return { after: answered.promise }
    }
    expect(await ask()).toBe(200)
    // A second attempt is made after two seconds.
    expect(new Set(counted).size).toBe(counted.length)
    answered.resolve()
    expect(events('rate_limit_not_counted')).not.toEqual([])
    expect([await ask(), await ask()]).toContain(429)
    await work.settled()
  })
})

describe('refusals', () => {
  it('of the API are in the audit and among the decisions, up to a limit in each minute, and counted beyond it', async () => {
    const { token, user } = await deployed.make({ username: 'curious' })
    const { attempts } = refusalsNoted.perSource
    const kept = await countKept(async () => {
      for (let asked = 0; asked < attempts + 3; asked += 1)
        expect((await deployed.call('GET', '/v1/users', bearer(token))).status).toBe(403)
    })
    expect(kept).toBe(attempts)
    const refused = (await rowsOf('audit', user.userId)).filter((row) => row['action'] === 'request.refused')
    expect(refused).toHaveLength(attempts)
    const counts = (await allItems(deployed.table)).filter((row) => row['action'] === 'refusals.counted')
    expect(counts).not.toEqual([])
  })

  it('of the authorizer are among the decisions up to a limit in each minute', async () => {
    const { token } = await deployed.make({ username: 'knocking' })
    const { attempts } = denialsKept.perSource
    const knock = async () => {
      for (let asked = 0; asked < attempts + 3; asked += 1)
        await deployed.ask(`Bearer ${token}`, { gatewayId: 'shop' }, 'GET /orders')
    }
    expect(await countKept(knock)).toBe(attempts)
    expect(await countKept(() => later(1, knock))).toBe(attempts)
  })

  it('that cannot be noted are in the log', async () => {
    const { token } = await deployed.make({ username: 'unheard' })
    failing((body) => body.includes('ADD attempts'))
    expect((await deployed.call('GET', '/v1/users', bearer(token))).status).toBe(403)
    expect(events('refusal_not_noted')).toHaveLength(1)
    await deployed.ask(`Bearer ${token}`, { gatewayId: 'shop' }, 'GET /orders')
    await work.settled()
    expect(events('refusal_not_noted')).toHaveLength(2)
  })
})

describe('logins', () => {
  it('that are refused are in the log with their reason, and in the audit unless there were too many', async () => {
    const { user } = await deployed.make({ username: 'locked-out', password })
    const logIn = async (username: string) =>
      (await deployed.call('POST', '/v1/auth/login', { json: { username, password: 'another passphrase' } }))
        .status
    const { attempts } = loginPerAccountAndSource
    for (let tried = 0; tried < attempts; tried += 1) expect(await logIn('locked-out')).toBe(401)
    expect(await logIn('locked-out')).toBe(429)
    expect(await logIn('nobody-at-all')).toBe(401)
    const { userId } = user
    expect(events('login_refused')).toMatchObject([
      ...Array.from({ length: attempts }, () => ({ reason: 'wrong_password', userId })),
      { reason: 'throttled' },
      { reason: expect.any(String) },
    ])
    expect(events('login_refused').at(-1)).not.toHaveProperty('userId')
    const rows = (await rowsOf('audit', userId)).filter((row) => row['action'] === 'login.refused')
    expect(new Set(rows.map((row) => row['reason']))).toEqual(new Set(['wrong_password']))
  })
})

describe('a session', () => {
  it('is noted and introspected as its token says, which begins by the clock', async () => {
    const { user } = await deployed.make({ username: 'signed-in', password })
    const login = { json: { username: 'signed-in', password } }
    const { accessToken } = (await deployed.call('POST', '/v1/auth/login', login)).body
    const { jti, iat, exp } = JSON.parse(
      Buffer.from(String(accessToken).split('.')[1] ?? '', 'base64url').toString(),
    )
    expect(iat).toBe(Math.floor(Date.now() / 1000))
    const rows = await rowsOf('audit', user.userId)
    expect(rows.find((row) => row['action'] === 'login.succeeded')).toMatchObject({ targetId: jti })
    const client = { username: 'introspecting', generate: 'key' }
    const made = await deployed.call('POST', '/v1/users', { ...asAdmin(), json: client })
    const { keyId, secret } = Object(made.body['credential'])
    const form = { token: String(accessToken), client_id: keyId, client_secret: secret }
    const { body } = await deployed.call('POST', '/oauth/introspect', { form })
    expect(body).toMatchObject({ active: true, sub: user.userId, jti, iat, exp })
  })
})
