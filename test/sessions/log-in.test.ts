import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import type { Guess, GuessRow } from '../../lib/limits/guess.ts'
import { guessesIn } from '../../lib/limits/guess.ts'
import { loginPerAccountAndSource, windowAt } from '../../lib/limits/throttle-rule.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { PasswordHash, PasswordText } from '../../lib/secrets/password-text.ts'
import type { LogInDependencies, SessionRequest } from '../../lib/sessions/log-in.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import type { Key } from '../../lib/table/keys.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems } from '../fresh-table.ts'
import { origin, quickHasher } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'

let scene: AccessScene
let userId: UserId

const password = 'a passphrase of the owner'

beforeEach(async () => {
  scene = await accessScene()
  await createIntegrationVendor(scene.dependencies, await scene.admin(), 'Acme', origin)
  userId = (await scene.make({ username: 'partner', password, integrationVendor: 'Acme' })).user.userId
})

const dependencies = (overrides: Partial<LogInDependencies> = {}): LogInDependencies => ({
  ...scene.dependencies,
  ...openLogins(scene.table),
  spendSession: () => Promise.resolve(),
  issueSession: () => Promise.resolve({ text: 'signed', sessionId: 'ses_0123456789abcdefghij' }),
  onRefused: () => undefined,
  ...overrides,
})
const come = (overrides: Partial<LogInDependencies> = {}) =>
  logIn(dependencies(overrides), { username: 'Partner', password }, origin)

const storedHash = async () => (await readItem(scene.table, keys.password(userId)))?.['passwordHash']
const loginRows = async () =>
  (await allItems(scene.table)).filter(({ action }) => action === 'login.succeeded')

describe('a login', () => {
  it('leaves who, from where, by which vendor and into which session, at the time of the last login', async () => {
    expect(await come()).toMatchObject({ accessToken: 'signed', tokenType: 'Bearer' })
    const [row, ...others] = await loginRows()
    expect(others).toEqual([])
    expect(row).toMatchObject({
      organizationId: scene.organizationId,
      outcome: 'done',
      address: origin.address,
      requestId: origin.requestId,
      actor: { kind: 'user', userId, username: 'partner', keyId: null, actingUserId: null },
      targetUserId: userId,
      targetId: 'ses_0123456789abcdefghij',
    })
    expect(row?.['actor']).toMatchObject({ integrationVendor: expect.stringMatching(/^vnd_/) })
    expect((await readItem(scene.table, keys.user(userId)))?.['lastLoginAt']).toBe(row?.['at'])
  })

  it('opens a session of that user, membership and login account group, for as long as its organization says', async () => {
    const { organizationId } = scene
    const set = (key: Key, change: string, value: unknown) =>
      scene.dependencies.write([
        { label: 'set', update: key, set: `SET ${change} = :value`, values: { ':value': value } },
      ])
    await set(keys.organization(organizationId), 'sessionLifetimeSeconds', 777)
    await set(keys.membership(userId, organizationId), 'loginAccountGroup', 3)
    await set(keys.membership(userId, organizationId), 'epoch', 5)
    await set(keys.user(userId), 'epoch', 4)
    const asked: SessionRequest[] = []
    const issueSession: LogInDependencies['issueSession'] = async (request) => {
      asked.push(request)
      return { text: 'signed', sessionId: 'ses_0123456789abcdefghij' }
    }
    expect(await come({ issueSession })).toEqual({
      accessToken: 'signed',
      tokenType: 'Bearer',
      expiresIn: 777,
    })
    const membershipId = (await readItem(scene.table, keys.membership(userId, organizationId)))?.[
      'membershipId'
    ]
    expect(asked).toEqual([
      {
        userId,
        organizationId,
        accountGroup: 3,
        epoch: `4.${membershipId}.5`,
        audience: null,
        keyId: null,
        lifetimeSeconds: 777,
      },
    ])
  })

  it('opens no session for a user who is deleted while the password is being verified', async () => {
    const issueSession: LogInDependencies['issueSession'] = async () => {
      await deleteUser(scene.dependencies, await scene.admin(), userId, null, origin)
      return { text: 'signed', sessionId: 'ses_0123456789abcdefghij' }
    }
    expect(await refusalCode(come({ issueSession }))).toBe('invalid_credentials')
    expect(await loginRows()).toEqual([])
    expect(await readItem(scene.table, keys.user(userId))).toBeUndefined()
  })
})

describe('a fleet of one account', () => {
  const lastLoginAt = async () => (await readItem(scene.table, keys.user(userId)))?.['lastLoginAt']
  const minuteMilliseconds = 60_000

  it('writes the time of its last login once a minute, and a row for each', async () => {
    const startedAt = Date.now()
    const at = (milliseconds: number) => come({ now: () => startedAt + milliseconds })
    const iso = (milliseconds: number) => new Date(startedAt + milliseconds).toISOString()
    await at(0)
    await at(minuteMilliseconds - 1)
    expect(await lastLoginAt()).toBe(iso(0))
    await at(minuteMilliseconds)
    expect(await lastLoginAt()).toBe(iso(minuteMilliseconds))
    expect((await loginRows()).map((row) => row['at']).toSorted()).toEqual(
      [0, minuteMilliseconds - 1, minuteMilliseconds].map(iso),
    )
  })

  it('gets in while other transactions stand at its user, as those of a hundred machines at once do', async () => {
    // DynamoDB Local lets transactions wait for each other where DynamoDB refuses them.
    let cancelled = 0
    scene.table.client.middlewareStack.add(
      (next) => (args) => {
        const asked = (args.input as { TransactItems?: { Update?: { Key: unknown } }[] }).TransactItems ?? []
        const isAtUser = asked.map(
          ({ Update }) => Update !== undefined && JSON.stringify(Update).includes('PROFILE'),
        )
        if (!isAtUser.includes(true)) return next(args)
        cancelled += 1
        const CancellationReasons = isAtUser.map((is) => ({ Code: is ? 'TransactionConflict' : 'None' }))
        return Promise.reject(
          new TransactionCanceledException({ message: 'conflict', $metadata: {}, CancellationReasons }),
        )
      },
      { step: 'initialize', name: 'conflict' },
    )
    expect(await come()).toMatchObject({ accessToken: 'signed' })
    expect(cancelled).toBe(1)
    expect(await loginRows()).toHaveLength(1)
    expect(await lastLoginAt()).toBeNull()
  })
})

describe('a hash of other parameters', () => {
  const outdated = () => ({ ...scene.dependencies.hasher, isOutdated: () => true })

  it('is made anew by the login', async () => {
    const before = await storedHash()
    await come({ hasher: outdated() })
    expect(await storedHash()).not.toBe(before)
    await expect(come()).resolves.toBeDefined()
  })

  it('lets all of several logins in that make it anew at the same time', async () => {
    const logins = Array.from({ length: 5 }, () => refusalCode(come({ hasher: outdated() })))
    expect(await Promise.all(logins)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok'])
    expect(await loginRows()).toHaveLength(5)
    await expect(come()).resolves.toBeDefined()
  })

  it('never comes back over a password that was changed meanwhile', async () => {
    const { hasher, write } = scene.dependencies
    const changed: PasswordHash = await hasher.hash('quite another phrase' as PasswordText)
    const hashSlowly = async (text: PasswordText) => {
      const change = { update: keys.password(userId), set: 'SET passwordHash = :new' }
      await write([{ label: 'change', ...change, values: { ':new': changed } }])
      return hasher.hash(text)
    }
    await come({ hasher: { ...outdated(), hash: hashSlowly } })
    expect(await storedHash()).toBe(changed)
  })
})

describe('many logins of one account from one address', () => {
  // The first instant of a window: none of fifteen minutes ends while a test is under way.
  const startedAt = windowAt(loginPerAccountAndSource, Date.now()).startSeconds * 1000
  const limit = loginPerAccountAndSource.attempts
  const hasher = quickHasher()

  /** Over real counters, with a count of the wrong passwords that came as far as being verified. */
  const counting = (overrides: Partial<LogInDependencies> = {}) => {
    const seen = { wrongVerified: 0 }
    const login = (text: string, address = origin.address) =>
      refusalCode(
        logIn(
          dependencies({
            now: () => startedAt,
            hasher: {
              ...hasher,
              verify: (stored, given) => {
                if (given !== password) seen.wrongVerified += 1
                return hasher.verify(stored, given)
              },
            },
            ...overrides,
          }),
          { username: 'partner', password: text },
          { ...origin, address },
        ),
      )
    return { login, seen }
  }
  const counts = (outcomes: readonly string[]) =>
    Object.fromEntries([...Map.groupBy(outcomes, (code) => code)].map(([code, all]) => [code, all.length]))

  it('all succeed when all are right, forty at once: a fleet that starts behind one address', async () => {
    const { login } = counting()
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => login(password)))
    expect(counts(outcomes)).toEqual({ ok: 40 })
    expect(await loginRows()).toHaveLength(40)
  })

  it('L3: are told of no more wrong passwords than the limit, forty at once; then none is verified', async () => {
    const { login } = counting()
    const outcomes = await Promise.all(Array.from({ length: 40 }, (_, index) => login(`guess ${index}`)))
    expect(counts(outcomes)).toEqual({ invalid_credentials: limit, too_many_requests: 40 - limit })
    const shut = counting()
    expect(await shut.login('a guess')).toBe('too_many_requests')
    expect(shut.seen.wrongVerified).toBe(0)
    expect(await login(password)).toBe('too_many_requests')
    expect(await login(password, '203.0.113.2')).toBe('ok')
  })

  it('L3: are told of no more wrong passwords than the limit when right ones come and go among them', async () => {
    const { login } = counting()
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, index) => login(index % 2 === 0 ? password : `guess ${index}`)),
    )
    expect(counts(outcomes)['invalid_credentials']).toBe(limit)
  })

  it('L3: are not told of the right one that was verified while the limit was reached', async () => {
    const { login, seen } = counting()
    const guessing: Partial<LogInDependencies> = {
      hasher: {
        ...hasher,
        verify: async (...given) => {
          for (let index = 0; index < limit; index += 1) await login(`guess ${index}`)
          return await hasher.verify(...given)
        },
      },
    }
    const issued: SessionRequest[] = []
    const issueSession = (request: SessionRequest) => {
      issued.push(request)
      return Promise.resolve({ text: 'signed', sessionId: 'ses_0123456789abcdefghij' } as const)
    }
    expect(await counting({ ...guessing, issueSession }).login(password)).toBe('too_many_requests')
    expect(seen.wrongVerified).toBe(limit)
    expect(issued).toEqual([])
    expect(await loginRows()).toEqual([])
  })

  it('lose no attempt to faults of ours', async () => {
    const fault = () => Promise.reject(new DomainError('temporarily_unavailable'))
    for (let index = 0; index <= limit; index += 1) {
      const failing = index % 2 === 0 ? { readAccount: fault } : { issueSession: fault }
      expect(await counting(failing).login(password)).toBe('temporarily_unavailable')
    }
    const { login } = counting()
    expect(await login(password)).toBe('ok')
    const outcomes = []
    for (let index = 0; index <= limit; index += 1) outcomes.push(await login(`guess ${index}`))
    expect(counts(outcomes)).toEqual({ invalid_credentials: limit, too_many_requests: 1 })
  })

  it('are told nothing, right or wrong, when it cannot be counted', async () => {
    const fault = () => Promise.reject(new DomainError('temporarily_unavailable'))
    const { login } = counting({ admitGuess: fault })
    for (const text of ['a guess', password]) expect(await login(text)).toBe('temporarily_unavailable')
  })

  it('count once, though the SDK sends each write twice because the first answer is late', async () => {
    scene.table.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'UpdateItemCommand') await next(args).catch(() => undefined)
        return next(args)
      },
      { step: 'finalizeRequest', name: 'repeat' },
    )
    const { login, seen } = counting()
    for (let index = 0; index < limit - 1; index += 1) await login(`guess ${index}`)
    for (let index = 0; index < limit; index += 1) expect(await login(password)).toBe('ok')
    await login('the last guess')
    expect(await login('one too many')).toBe('too_many_requests')
    expect(seen.wrongVerified).toBe(limit)
  })

  it('count in the window in which they began', async () => {
    const windowMilliseconds = loginPerAccountAndSource.windowSeconds * 1000
    let now = startedAt
    const late: Partial<LogInDependencies> = {
      now: () => now,
      hasher: {
        ...hasher,
        verify: () => {
          now = startedAt + windowMilliseconds
          return Promise.resolve(false)
        },
      },
    }
    for (let index = 0; index < limit; index += 1) {
      now = startedAt
      expect(await counting(late).login('a guess')).toBe('invalid_credentials')
    }
    now = startedAt
    expect(await counting(late).login(password)).toBe('too_many_requests')
  })

  it('leave a right password that is refused as counted as a wrong one', async () => {
    await scene.dependencies.write([
      {
        label: 'disable',
        update: keys.user(userId),
        set: 'SET #status = :disabled',
        names: { '#status': 'status' },
        values: { ':disabled': 'disabled' },
      },
    ])
    const { login } = counting()
    const outcomes = []
    for (let index = 0; index <= limit; index += 1) outcomes.push(await login(password))
    expect(counts(outcomes)).toEqual({ invalid_credentials: limit, too_many_requests: 1 })
  })
})

describe('a right password', () => {
  it('L6: opens no session, nor is another answer given that shows it, once the count in a row is full', async () => {
    const { admitGuess } = openLogins(scene.table)
    const full: Partial<LogInDependencies> = {
      // The row of wrong passwords in a row has one count, that of the network two.
      admitGuess: (row, guess) => (row.counts.length === 1 ? Promise.resolve(false) : admitGuess(row, guess)),
    }
    const unknownTarget = { readTargetApi: () => Promise.resolve({ ok: false } as const) }
    const failing = { issueSession: () => Promise.reject(new DomainError('temporarily_unavailable')) }
    for (const more of [{}, unknownTarget, failing])
      expect(await refusalCode(come({ ...full, ...more }))).toBe('too_many_requests')
    expect(await refusalCode(come(unknownTarget))).toBe('invalid_request')
    expect(await loginRows()).toEqual([])
  })

  it('L6: is counted in its window like a wrong one, by the same writes, if the count in a row is full', async () => {
    const { admitGuess } = openLogins(scene.table)
    const countedAfter = async (text: string, address: string) => {
      const rows: GuessRow[] = []
      const full = (row: GuessRow, guess: Guess) => {
        rows.push(row)
        return row.counts.length === 1 ? Promise.resolve(false) : admitGuess(row, guess)
      }
      const given = { username: 'partner', password: text }
      const asked = logIn(dependencies({ admitGuess: full }), given, { ...origin, address })
      expect(await refusalCode(asked)).toBe('too_many_requests')
      const network = rows.find(({ counts }) => counts.length === 2)
      const item = network === undefined ? undefined : await readItem(scene.table, network.key)
      return { writes: rows.length, counts: network?.counts.map((count) => guessesIn(item, count)) }
    }
    const right = await countedAfter(password, '203.0.113.8')
    expect(right.counts).toEqual([1, 1])
    expect(await countedAfter('a guess', '203.0.113.9')).toEqual(right)
  })
})
