import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import { openThrottles } from '../../functions/wiring/throttles.ts'
import { wait } from '../../functions/wiring/wait.ts'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { LogInDependencies } from '../../lib/sessions/log-in.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import { inARowLimits } from '../../lib/sessions/login-counters.ts'
import { SessionTokensSpent } from '../../lib/sessions/session-allowance.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { allItems } from '../fresh-table.ts'
import { callerWith, dependenciesOf, makeCaller, origin } from '../organizations/organization.ts'
import type { Scene } from '../passwords/reset-scene.ts'
import { firstPassword, makeScene, newPassword } from '../passwords/reset-scene.ts'

/** The real limit in a row, and the one of all tests that need not show the real one: a fifth of the requests show the same. */
const realLimit = 100
const limit = 20
const limitPerPair = 10
const dayMilliseconds = 24 * 3600 * 1000
const windowMilliseconds = 900 * 1000
const wrong = 'a guess of the attacker'

let scene: Scene
/** The password of now. Guesses by the hundred are compared with it, not hashed. */
let right: string
let verified: number

beforeEach(async () => {
  scene = await makeScene()
  right = firstPassword
  verified = 0
  await scene.makeUser({ username: 'owner', email: 'owner@customer.example' })
})

const lowLimits = {
  shared: { ...inARowLimits.shared, attempts: limit },
  perSource: { ...inARowLimits.perSource, attempts: limit },
  factors: { ...inARowLimits.factors, attempts: limit },
}
const asDeployed = { with: { inARowLimits } }

const dependencies = (overrides: Partial<LogInDependencies> = {}): LogInDependencies => ({
  ...scene.dependencies,
  ...openLogins(scene.table),
  inARowLimits: lowLimits,
  hasher: {
    ...scene.dependencies.hasher,
    verify: (_stored, given) => {
      verified += 1
      return Promise.resolve(given === right)
    },
  },
  issueSession: () => Promise.resolve({ text: 'signed', sessionId: 'ses_0123456789abcdefghij' }),
  spendSession: () => Promise.resolve(),
  onRefused: () => undefined,
  ...overrides,
})

type Asked = {
  readonly username?: string
  readonly organizationId?: OrganizationId
  readonly with?: Partial<LogInDependencies>
}
/** What a login is answered: `ok`, or the refusal. */
const login = async (password: string, address: string, asked: Asked = {}) => {
  const { username = 'owner', organizationId } = asked
  const given = { username, password, organizationId }
  try {
    await logIn(dependencies(asked.with), given, { ...origin, address })
    return { code: 'ok' }
  } catch (thrown) {
    if (!(thrown instanceof DomainError)) throw thrown
    return { code: thrown.code, detail: thrown.detail, retryAfterSeconds: thrown.retryAfterSeconds }
  }
}
const codeOf = async (...asked: Parameters<typeof login>): Promise<string> => (await login(...asked)).code
const counts = (codes: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, all]) => [code, all.length]))

const ipv4 = (index: number): string => `198.18.${index >> 8}.${index & 255}`
/** In one /48, each in a /64 of its own. */
const ipv6 = (index: number): string => `2001:db8:48:${index.toString(16)}::1`
const home = '203.0.113.77'

/** Wrong passwords, a few at a time, each from a network of its own unless it is given. */
const guess = async (count: number, addressOf = ipv4, asked: Asked = {}): Promise<string[]> => {
  const codes: string[] = []
  const guessers = Array.from({ length: 8 }, async (_, first) => {
    for (let index = first; index < count; index += 8)
      codes.push(await codeOf(wrong, addressOf(index), asked))
  })
  await Promise.all(guessers)
  return codes
}
/** As many as a network may fail before it is shut for a while, then in the next window. */
const guessPatiently = async (count: number, address: string): Promise<string[]> => {
  const codes: string[] = []
  for (let index = 0; index < count; index += 1) {
    if (index % limitPerPair === 0) scene.clock.milliseconds += windowMilliseconds
    codes.push(await codeOf(wrong, address))
  }
  return codes
}

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
    verified = 0
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
    verified = 0
    const refused = await login(right, home, asDeployed)
    expect(refused).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: expect.any(Number) })
    expect(refused.retryAfterSeconds).toBeGreaterThan(0)
    expect(refused.detail).toMatch(/logged in .*before.*reset the password/)
    expect(verified).toBe(0)
  })

  it('is told of thirty from the 60 networks of one /48, where the right one is then not verified', async () => {
    const codes = await guess(120, (index) => ipv6(index % 60), asDeployed)
    expect(counts(codes)).toEqual({ invalid_credentials: 30, too_many_requests: 90 })
    verified = 0
    expect(await codeOf(right, ipv6(61), asDeployed)).toBe('too_many_requests')
    expect(verified).toBe(0)
    expect(await codeOf(right, '2001:db8:49::1', asDeployed)).toBe('ok')
  })

  it('is told of no more than three hundred of all accounts from one /48', async () => {
    const codes = []
    for (let index = 0; index < 310; index += 1)
      codes.push(await codeOf(wrong, ipv6(index % 60), { username: `account-${index}` }))
    expect(counts(codes)).toEqual({ invalid_credentials: 300, too_many_requests: 10 })
  })

  it('L3: is told of no more than a hundred of all accounts from one network', async () => {
    const codes = []
    for (let index = 0; index < 105; index += 1)
      codes.push(await codeOf(wrong, home, { username: `account-${index % 50}` }))
    expect(counts(codes)).toEqual({ invalid_credentials: 100, too_many_requests: 5 })
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

describe('a network from which the account was logged in to', () => {
  beforeEach(async () => {
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('L3: lets the owner in whatever others guess', async () => {
    await guess(limit + 1)
    expect(await codeOf(right, '203.0.113.78')).toBe('too_many_requests')
    expect(await codeOf(wrong, home)).toBe('invalid_credentials')
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('is not counted with others: its own failures in a row shut it alone', async () => {
    expect(counts(await guessPatiently(limit, home))).toEqual({ invalid_credentials: limit })
    scene.clock.milliseconds += windowMilliseconds
    const refused = await login(right, home)
    expect(refused.code).toBe('too_many_requests')
    expect(refused.detail).toMatch(/logged in .*before.*reset the password/)
    expect(counts(await guess(limit - 1))).toEqual({ invalid_credentials: limit - 1 })
    expect(await codeOf(right, '203.0.113.78')).toBe('ok')
  })

  it('counts its own in a row', async () => {
    await guessPatiently(limit - 1, home)
    expect(await codeOf(right, home)).toBe('ok')
    expect(counts(await guessPatiently(limit, home))).toEqual({ invalid_credentials: limit })
  })

  it('is a /64 of IPv6, and no larger', async () => {
    expect(await codeOf(right, '2001:db8:1:2:3:4:5:6')).toBe('ok')
    await guess(limit)
    expect(await codeOf(right, '2001:DB8:1:2::9')).toBe('ok')
    await guess(limit)
    expect(await codeOf(right, '2001:db8:1:3::9')).toBe('too_many_requests')
  })

  it('is one no longer 90 days after the last login, though its row is still there', async () => {
    scene.clock.milliseconds += 80 * dayMilliseconds
    expect(await codeOf(right, home)).toBe('ok')
    await guess(limit)
    scene.clock.milliseconds += 80 * dayMilliseconds
    expect(await codeOf(wrong, home)).toBe('invalid_credentials')
    scene.clock.milliseconds += 10 * dayMilliseconds
    expect(await scene.itemsOfKind('known-source')).not.toEqual([])
    expect(await codeOf(right, home)).toBe('too_many_requests')
  })

  it('starts at none when it becomes one again', async () => {
    await guessPatiently(limit, home)
    scene.clock.milliseconds += 90 * dayMilliseconds
    expect(await codeOf(right, home)).toBe('ok')
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('is one of this account only, and none of a later user of that name', async () => {
    const { userId } = await scene.makeUser({ username: 'other', email: 'other@customer.example' })
    await guess(limit, ipv4, { username: 'other' })
    expect(await codeOf(right, home, { username: 'other' })).toBe('too_many_requests')

    const theirs = dependencies({ now: Date.now })
    await deleteUser({ ...scene.dependencies, ...theirs }, scene.admin, userId, null, origin)
    await scene.makeUser({ username: 'other', email: 'other@customer.example' })
    await guess(limit, ipv4, { username: 'other' })
    expect(await codeOf(right, home, { username: 'other' })).toBe('too_many_requests')
  })

  it('is noted once a day, and in no words', async () => {
    const [noted, ...others] = await scene.itemsOfKind('known-source')
    expect(others).toEqual([])
    const startedAt = scene.clock.milliseconds
    for (const text of ['owner\n', '"owner"', home, firstPassword])
      expect(JSON.stringify(noted)).not.toContain(text)
    scene.clock.milliseconds = startedAt + dayMilliseconds - 1
    await codeOf(right, home)
    expect(await scene.itemsOfKind('known-source')).toEqual([noted])
    scene.clock.milliseconds = startedAt + dayMilliseconds
    await Promise.all(Array.from({ length: 8 }, () => codeOf(right, home)))
    const [renewed] = await scene.itemsOfKind('known-source')
    expect(renewed?.['expiresAtSeconds']).toBe(
      Math.floor((startedAt + dayMilliseconds) / 1000) + 90 * 24 * 3600,
    )
  })

  it('is none when the password was right and the login was refused all the same', async () => {
    await scene.makeUser({ username: 'inside', whitelist: ['192.0.2.1'] })
    expect(await codeOf(right, home, { username: 'inside' })).toBe('invalid_credentials')
    expect(await scene.itemsOfKind('known-source')).toHaveLength(1)
  })

  it('is let in though other transactions stand at all that its success resets', async () => {
    await guess(limit)
    await codeOf(wrong, home, asDeployed)
    let cancelled = 0
    scene.table.client.middlewareStack.add(
      (next) => (args) => {
        const parts = (args.input as { TransactItems?: object[] }).TransactItems ?? []
        const isBusy = parts.map((part) => JSON.stringify(part).includes('THROTTLE#'))
        if (!isBusy.includes(true)) return next(args)
        cancelled += 1
        const CancellationReasons = isBusy.map((is) => ({ Code: is ? 'TransactionConflict' : 'None' }))
        return Promise.reject(
          new TransactionCanceledException({ message: 'conflict', $metadata: {}, CancellationReasons }),
        )
      },
      { step: 'initialize', name: 'conflict' },
    )
    expect(await codeOf(right, home, asDeployed)).toBe('ok')
    expect(cancelled).toBe(1)
  })

  it('makes four calls, whatever is reset, one more from a new network, and its fleet writes no item in common', async () => {
    const sent: (string | undefined)[] = []
    const written: string[][] = []
    scene.table.client.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName)
        const { TransactItems: parts } = args.input as {
          TransactItems?: Record<string, { Key?: unknown; Item?: { pk: unknown; sk: unknown } }>[]
        }
        if (parts !== undefined)
          written.push(
            parts.flatMap((part) =>
              Object.values(part).map(({ Key, Item }) => JSON.stringify(Key ?? [Item?.pk, Item?.sk])),
            ),
          )
        return next(args)
      },
      { step: 'initialize', name: 'look' },
    )
    const read = ['BatchGetItemCommand', 'BatchGetItemCommand', 'UpdateItemCommand']
    const callsFrom = async (address: string) => {
      sent.length = 0
      expect(await codeOf(right, address, asDeployed)).toBe('ok')
      return [...sent]
    }
    for (const address of [home, home])
      expect(await callsFrom(address)).toEqual([...read, 'TransactWriteItemsCommand'])
    const [first = [], second = []] = written
    expect(first.length).toBeGreaterThan(0)
    expect(first.filter((key) => second.includes(key))).toEqual([])
    for (const address of ['203.0.113.79', '2001:db8:7::1']) {
      expect(await callsFrom(address)).toEqual([...read, 'UpdateItemCommand', 'TransactWriteItemsCommand'])
      expect(await callsFrom(address)).toEqual([...read, 'TransactWriteItemsCommand'])
    }
    await codeOf(wrong, home, asDeployed)
    await guess(2)
    expect(await callsFrom(home)).toEqual([...read, 'TransactWriteItemsCommand'])
    expect(written.at(-1)?.filter((key) => key.includes('IN_A_ROW'))).toHaveLength(2)
  })

  it('L6: is not told that the right one came when the count filled up while it was verified', async () => {
    const seen = dependencies()
    const late: Partial<LogInDependencies> = {
      admitGuess: async (row, given) => {
        // What the others did since this login read the counts; each may be in another window.
        if (!given.isWrong) await guessPatiently(limit, home)
        return await seen.admitGuess(row, given)
      },
    }
    await guessPatiently(1, home)
    await codeOf(right, home)
    await guessPatiently(1, home)
    expect(await codeOf(right, home, { with: late })).toBe('too_many_requests')
  })
})

describe('an account that was shut by guesses', () => {
  it('opens by a mailed link', async () => {
    await guess(limit)
    expect(await codeOf(right, home)).toBe('too_many_requests')
    await scene.confirm(await scene.mailedToken('owner'))
    right = newPassword
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('is told of as many wrong ones again after a mailed link, and no more', async () => {
    await guess(limit)
    await scene.confirm(await scene.mailedToken('owner'))
    right = newPassword
    expect(counts(await guess(2 * limit))).toEqual({ invalid_credentials: limit, too_many_requests: limit })
  })

  it('opens by a mailed link for a network that was used before, too', async () => {
    await codeOf(right, home)
    await guessPatiently(limit, home)
    await scene.confirm(await scene.mailedToken('owner'))
    right = newPassword
    scene.clock.milliseconds += windowMilliseconds
    expect(await codeOf(right, home)).toBe('ok')
  })

  it('keeps no counts of earlier passwords once a login succeeds', async () => {
    await codeOf(right, home)
    for (const address of [home, ipv4(1)]) await codeOf(wrong, address)
    await scene.confirm(await scene.mailedToken('owner'))
    right = newPassword
    await codeOf(right, home)
    const inARow = (await allItems(scene.table)).filter(({ pk, sk }) =>
      `${String(pk)} ${String(sk)}`.includes('IN_A_ROW'),
    )
    expect(inARow).toHaveLength(2)
    expect(inARow.flatMap(Object.values).filter((value) => value instanceof Set)).toEqual([])
  })

  it('opens by a changed password', async () => {
    const { user, token } = await makeCaller(scene.table, scene.admin, {
      username: 'partner',
      password: firstPassword,
    })
    await guess(limit, ipv4, { username: user.username })
    const changing = {
      ...dependenciesOf(scene.table),
      ...openThrottles(scene.table),
      readPasswordHash: (userId: UserId) => readPasswordHash(scene.table, userId),
    }
    const caller = await callerWith(scene.table, token)
    const body = { currentPassword: firstPassword, newPassword, confirmPassword: newPassword }
    await changePassword(changing, caller, body, origin)
    right = newPassword
    expect(await codeOf(right, home, { username: user.username })).toBe('ok')
  })

  it('opens when somebody gets that name: what was guessed before there was such a user counts for nothing', async () => {
    await guess(limit, ipv4, { username: 'newcomer' })
    await scene.makeUser({ username: 'newcomer', email: 'newcomer@customer.example' })
    expect(await codeOf(right, home, { username: 'newcomer' })).toBe('ok')
  })

  it('stays shut through a login of which the hash is made anew', async () => {
    await codeOf(right, home)
    const { hasher } = dependencies()
    await guess(limit)
    let isFirst = true
    const outdated = {
      ...hasher,
      isOutdated: () => {
        const was = isFirst
        isFirst = false
        return was
      },
    }
    expect(await codeOf(wrong, ipv4(200), { with: { hasher: outdated } })).toBe('too_many_requests')
    expect(await codeOf(right, home, { with: { hasher: { ...hasher, isOutdated: () => true } } })).toBe('ok')
    expect(counts(await guess(limit + 1))).toEqual({ invalid_credentials: limit, too_many_requests: 1 })
  })
})
