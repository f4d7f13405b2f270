import { beforeEach, describe, expect, it, vi } from 'vitest'
import { openSigning } from '../../functions/wiring/sessions.ts'
import { makeRateLimiter } from '../../lib/limits/rate-limiter.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { SessionRequest } from '../../lib/sessions/log-in.ts'
import { reuseSessions } from '../../lib/sessions/oauth/session-reuse.ts'
import { SessionTokensSpent, sessionTokensPerUser } from '../../lib/sessions/session-allowance.ts'
import { countersInMemory } from '../limits/rate-counters.ts'
import { grant, issuer, newTestKey, signerWith } from './crafted-token.ts'

/** What each container lets pass before it counts. */
const uncounted = 2
const key = newTestKey()
const { actor: _, ...ofKey } = grant
const request: SessionRequest = { ...ofKey, keyId: null }
/** The twentieth second of a minute. */
const twenty = 1_800_000_020_000

let signatures: number
let writes: number
let counters: ReturnType<typeof countersInMemory>
const clock = { now: twenty }
beforeEach(() => {
  vi.stubEnv('SESSION_TOKENS_PER_MINUTE', '30000')
  vi.spyOn(Date, 'now').mockImplementation(() => clock.now)
  signatures = 0
  writes = 0
  clock.now = twenty
  counters = countersInMemory((_counter, _kind, call) => {
    writes += 1
    return Promise.resolve(call())
  })
})

/** Opens sessions as one container does; the signature itself is cheap here. */
const container = () => {
  const signer = {
    ...signerWith(key),
    sign: () => {
      signatures += 1
      return Promise.resolve(Buffer.from('signature'))
    },
  }
  const limiter = makeRateLimiter({
    ...counters,
    behind: (work) => void work(),
    now: Date.now,
    random: () => 0,
    onFault: (fault) => {
      throw fault
    },
  })
  const signing = openSigning({ issuer, signer }, limiter)
  return {
    ...signing,
    open: (of: Partial<SessionRequest> = {}) => signing.issueSession({ ...request, ...of }),
  }
}
const numbered = (index: number): string => String(index).padStart(16, '0')
const users = (count: number) => Array.from({ length: count }, (_, index): UserId => `usr_${numbered(index)}`)
const late: UserId = `usr_${numbered(700)}`
const refusalOf = (attempt: Promise<unknown>) => attempt.then(() => null).catch((refusal: unknown) => refusal)

describe('a user who opens sessions without end', () => {
  it('causes 600 signatures in a minute and two more for each container, then is told when to come back', async () => {
    const containers = Array.from({ length: 5 }, container)
    for (let index = 0; index < 300; index += 1)
      for (const { open } of containers) await open().catch(() => undefined)
    expect(sessionTokensPerUser).toBe(600)
    expect(signatures).toBeLessThanOrEqual(600 + 5 * uncounted)
    expect(signatures).toBeGreaterThanOrEqual(600)
    const [first] = containers
    const refusal = await refusalOf(first?.open() ?? Promise.resolve())
    expect(refusal).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 40, spentBy: 'user' })
    expect(await refusalOf(first?.open({ userId: late }) ?? Promise.resolve())).toBeNull()
    clock.now += 40_000
    expect(await refusalOf(first?.open() ?? Promise.resolve())).toBeNull()
  })

  it('pays for those in which it acts as others', async () => {
    const { issueGrant, open } = container()
    const actor = { userId: request.userId, epoch: request.epoch }
    for (const userId of users(620)) await issueGrant({ ...grant, userId, actor }).catch(() => undefined)
    expect(signatures).toBe(600 + uncounted)
    expect(await refusalOf(open())).toBeInstanceOf(SessionTokensSpent)
    expect(await refusalOf(open({ userId: late }))).toBeNull()
  })
})

describe('an organization', () => {
  it('has as many as its deployment says for all its users, and takes none of another one', async () => {
    vi.stubEnv('SESSION_TOKENS_PER_MINUTE', '40')
    const { open } = container()
    for (const userId of users(60)) await open({ userId }).catch(() => undefined)
    expect(signatures).toBe(40 + uncounted)
    expect(await refusalOf(open({ userId: late }))).toMatchObject({ spentBy: 'organization' })
    expect(await refusalOf(open({ userId: late, organizationId: 'org_zyxwvutsrq' }))).toBeNull()
  })
})

describe('sessions that cost none', () => {
  it('are the first two of a user in a container: no counter is asked', async () => {
    const { open } = container()
    await open()
    await open()
    expect(writes).toBe(0)
  })

  it('are those that a client is given again', async () => {
    vi.stubEnv('SESSION_TOKENS_PER_MINUTE', '1')
    const { sessionFor } = reuseSessions({ issueSession: container().open, now: Date.now })
    for (let index = 0; index < 50; index += 1) await sessionFor(request, '203.0.113.9')
    expect(signatures).toBe(1)
    for (const address of ['203.0.113.10', '203.0.113.11']) await sessionFor(request, address)
    expect(await refusalOf(sessionFor(request, '203.0.113.12'))).toBeInstanceOf(SessionTokensSpent)
    expect(await refusalOf(sessionFor(request, '203.0.113.9'))).toBeNull()
  })
})
