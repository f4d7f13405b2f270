import { describe, expect, it } from 'vitest'
import { wait } from '../../functions/wiring/wait.ts'
import type { LogInDependencies } from '../../lib/sessions/log-in.ts'
import { SessionTokensSpent } from '../../lib/sessions/session-allowance.ts'
import { makeCaller } from '../organizations/organization.ts'
import type { Asked } from './guessing-scene.ts'
import {
  asDeployed,
  beginsAnew,
  codeOf,
  counts,
  dayMilliseconds,
  dependencies,
  forgetVerified,
  guess,
  guessedBefore,
  home,
  ipv4,
  ipv6,
  limit,
  limitPerPair,
  login,
  realLimit,
  right,
  scene,
  verified,
  wrong,
} from './guessing-scene.ts'

beginsAnew()

describe('a right password whose user has opened too many sessions', () => {
  const spent = (by: 'user' | 'organization') => ({
    with: { spendSession: () => Promise.reject(new SessionTokensSpent(by, 7)) },
  })

  it('is told when to come back, and is not hashed more often from one source than a wrong one', async () => {
    const refused = {
      code: 'too_many_requests',
      retryAfterSeconds: 7,
      detail: expect.stringMatching(/too many/),
    }
    for (let index = 0; index < limitPerPair; index += 1)
      expect(await login(right, home, spent('user'))).toEqual(refused)
    forgetVerified()
    expect(await codeOf(right, home)).toBe('too_many_requests')
    expect(verified).toBe(0)
    expect(await codeOf(right, '203.0.113.78')).toBe('ok')
    expect(await codeOf(wrong, '203.0.113.78', spent('user'))).toBe('invalid_credentials')
  })

  it('is not counted when it is others of its organization who did', async () => {
    for (let index = 0; index <= limitPerPair; index += 1)
      expect(await login(right, home, spent('organization'))).toMatchObject({ retryAfterSeconds: 7 })
    expect(await codeOf(right, home)).toBe('ok')
  })
})

describe('L6: one account guessed at from many networks', () => {
  it('is told of a hundred wrong passwords, then has none verified, and says what its owner can do', async () => {
    const codes = await guess(realLimit + 30, ipv4, asDeployed)
    expect(counts(codes)).toEqual({ invalid_credentials: realLimit, too_many_requests: 30 })
    const atOnce = 8
    expect(verified).toBeLessThan(realLimit + atOnce)
    forgetVerified()
    const refused = await login(right, home, asDeployed)
    expect(refused).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: expect.any(Number) })
    expect(refused.retryAfterSeconds).toBeGreaterThan(0)
    expect(refused.detail).toMatch(/logged in .*before.*reset the password/)
    expect(verified).toBe(0)
  })

  it('is told of thirty from the 60 networks of one /48, where the right one is then not verified', async () => {
    const codes = await guess(120, (index) => ipv6(index % 60), asDeployed)
    expect(counts(codes)).toEqual({ invalid_credentials: 30, too_many_requests: 90 })
    forgetVerified()
    expect(await codeOf(right, ipv6(61), asDeployed)).toBe('too_many_requests')
    expect(verified).toBe(0)
    expect(await codeOf(right, '2001:db8:49::1', asDeployed)).toBe('ok')
  })

  it('is told of no more than three hundred of all accounts from one /48', async () => {
    await guessedBefore(290, ipv6(0))
    const codes = []
    for (let index = 0; index < 15; index += 1)
      codes.push(await codeOf(wrong, ipv6(index), { username: `account-${index}` }))
    expect(counts(codes)).toEqual({ invalid_credentials: 10, too_many_requests: 5 })
  })

  it('L3: is told of no more than a hundred of all accounts from one network', async () => {
    await guessedBefore(90, home)
    const codes = []
    for (let index = 0; index < 15; index += 1)
      codes.push(await codeOf(wrong, home, { username: `account-${index}` }))
    expect(counts(codes)).toEqual({ invalid_credentials: 10, too_many_requests: 5 })
    expect(await codeOf(right, home)).toBe('too_many_requests')
    expect(await codeOf(right, '203.0.113.78')).toBe('ok')
  })

  it('stays shut however long the guesser waits', async () => {
    await guess(limit)
    scene.clock.milliseconds += 200 * dayMilliseconds
    expect(await codeOf(right, home)).toBe('too_many_requests')
  })

  it('is counted in a row: each login that succeeds, wherever, lets as many fail again', async () => {
    await guess(limit - 1)
    expect(await codeOf(right, home)).toBe('ok')
    expect(counts(await guess(limit - 1))).toEqual({ invalid_credentials: limit - 1 })
    expect(await codeOf(right, home)).toBe('ok')
    expect(counts(await guess(limit + 1))).toEqual({ invalid_credentials: limit, too_many_requests: 1 })
  })

  it('L2: is one account in all spellings of its name, and in whatever organization', async () => {
    const spellings = ['owner', 'OWNER', 'Owner']
    for (let index = 0; index < limit; index += 1) {
      const username = spellings[index % 3] ?? ''
      const elsewhere = index % 2 === 0 ? {} : { organizationId: 'org_0123456789abcdef' as const }
      expect(await codeOf(wrong, ipv4(index), { username, ...elsewhere })).toBe('invalid_credentials')
    }
    for (const username of spellings)
      expect(await codeOf(right, home, { username })).toBe('too_many_requests')
  })

  it('L1: is shut alike when there is no such account, or it has no password', async () => {
    const { user } = await makeCaller(scene.table, scene.admin, { username: 'keyholder' })
    for (const username of ['nobody', 'nobody \u{1f511}', user.username]) {
      const asked = (index: number) => ({
        username,
        ...(index % 2 === 0 ? {} : { organizationId: scene.admin.subject.organization.organizationId }),
      })
      for (let index = 0; index < limit; index += 1)
        expect(await codeOf(wrong, ipv4(index), asked(index))).toBe('invalid_credentials')
      expect((await login(wrong, home, asked(0))).code).toBe('too_many_requests')
    }
    await guess(limit)
    expect(await login(wrong, home)).toEqual(await login(wrong, home, { username: 'nobody' }))
  })

  it('L1: costs the table the same whoever is named, from a network that was used before or not, shut or not', async () => {
    await login(right, home)
    const sent: string[] = []
    scene.table.client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName ?? 'unknown')
        return next(args)
      },
      { step: 'initialize', name: 'count' },
    )
    const callsOf = async (address: string, asked: Asked = {}) => {
      sent.length = 0
      await login(wrong, address, asked)
      return [...sent]
    }
    const first = await callsOf(ipv4(1))
    expect(first).toEqual([
      'BatchGetItemCommand',
      'BatchGetItemCommand',
      'UpdateItemCommand',
      'UpdateItemCommand',
    ])
    expect(await callsOf(home)).toEqual(first)
    expect(await callsOf(ipv4(1), { username: 'nobody' })).toEqual(first)
    expect(await callsOf(ipv4(1), { username: 'no \u{1f511}' })).toEqual(first)
    await guess(limit)
    await guess(limit, ipv4, { username: 'nobody' })
    const shut = await callsOf(ipv4(300))
    expect(await callsOf(ipv4(300), { username: 'nobody' })).toEqual(shut)
  })

  it('lets no more than the last wrong one through when forty come at once, nor the right one after it', async () => {
    await guess(limit - 1)
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) => codeOf(wrong, ipv4(300 + index))),
    )
    expect(counts(outcomes)).toEqual({ invalid_credentials: 1, too_many_requests: 39 })
    expect(await codeOf(right, home)).toBe('too_many_requests')
  })

  it('lets forty right ones in that come at once from forty new networks, though there is room for one', async () => {
    await guess(limit - 1)
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) => codeOf(right, ipv4(300 + index))),
    )
    expect(counts(outcomes)).toEqual({ ok: 40 })
  })

  it('counts the guesses that were under way when a login succeeded', async () => {
    const begun: (() => void)[] = []
    const slow: Partial<LogInDependencies> = {
      hasher: {
        ...dependencies().hasher,
        verify: () => new Promise((resolve) => begun.push(() => resolve(false))),
      },
    }
    const underWay = Array.from({ length: 12 }, (_, index) => codeOf(wrong, ipv4(index), { with: slow }))
    while (begun.length < 12) await wait(5)
    await guess(6, (index) => ipv4(100 + index))
    expect(await codeOf(right, home)).toBe('ok')
    for (const finish of begun) finish()
    expect(counts(await Promise.all(underWay))).toEqual({ invalid_credentials: 12 })
    expect(counts(await guess(12, (index) => ipv4(200 + index)))).toEqual({
      invalid_credentials: limit - 12,
      too_many_requests: 24 - limit,
    })
  })
})
