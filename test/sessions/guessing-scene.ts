import { beforeEach } from 'vitest'
import { openLogins } from '../../functions/wiring/logins.ts'
import { DomainError } from '../../lib/effects/domain-error.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import type { LogInDependencies } from '../../lib/sessions/log-in.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import { guessingFrom, inARowLimits, networkRow } from '../../lib/sessions/login-counters.ts'
import { origin } from '../organizations/organization.ts'
import type { Scene } from '../passwords/reset-scene.ts'
import { firstPassword, makeScene } from '../passwords/reset-scene.ts'
import { putAnything } from '../table/put-anything.ts'

/** The real limit in a row, and the one of all tests that need not show the real one: a seventh of the requests shows the same. */
export const realLimit = 100
export const limit = 14
export const limitPerPair = 10
export const dayMilliseconds = 24 * 3600 * 1000
export const windowMilliseconds = 900 * 1000
export const wrong = 'a guess of the attacker'

export let scene: Scene
/** The password of now. Guesses by the hundred are compared with it, not hashed. */
export let right: string
export const passwordIsNow = (password: string): void => {
  right = password
}
/** How often a password was compared. */
export let verified: number
export const forgetVerified = (): void => {
  verified = 0
}

/** Begins each test of a file anew. */
export const beginsAnew = (): void =>
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
export const asDeployed = { with: { inARowLimits } }

export const dependencies = (overrides: Partial<LogInDependencies> = {}): LogInDependencies => ({
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

export type Asked = {
  readonly username?: string
  readonly organizationId?: OrganizationId
  readonly with?: Partial<LogInDependencies>
}
/** What a login is answered: `ok`, or the refusal. */
export const login = async (password: string, address: string, asked: Asked = {}) => {
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
export const codeOf = async (...asked: Parameters<typeof login>): Promise<string> =>
  (await login(...asked)).code
export const counts = (codes: readonly string[]) =>
  Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, all]) => [code, all.length]))

export const ipv4 = (index: number): string => `198.18.${index >> 8}.${index & 255}`
/** In one /48, each in a /64 of its own. */
export const ipv6 = (index: number): string => `2001:db8:48:${index.toString(16)}::1`
export const home = '203.0.113.77'

/** Wrong passwords, a few at a time, each from a network of its own unless it is given. */
export const guess = async (count: number, addressOf = ipv4, asked: Asked = {}): Promise<string[]> => {
  const codes: string[] = []
  const guessers = Array.from({ length: 8 }, async (_, first) => {
    for (let index = first; index < count; index += 8)
      codes.push(await codeOf(wrong, addressOf(index), asked))
  })
  await Promise.all(guessers)
  return codes
}
/**
 * So many wrong passwords at other accounts before, from the widest network of this address that is counted: its /48, or its only
 * address. They are one write, since each by itself would write the whole row anew.
 */
export const guessedBefore = async (count: number, address: string): Promise<void> => {
  const {
    key,
    expiresAtSeconds,
    counts: all,
  } = networkRow(guessingFrom('another account', address), scene.clock.milliseconds)
  const attribute = all.at(-1)?.attribute ?? 'none'
  const ids = new Set(Array.from({ length: count }, (_, index) => `guess ${index}`))
  await scene.dependencies.write([putAnything('guesses', { ...key, expiresAtSeconds, [attribute]: ids })])
}
/** As many as a network may fail before it is shut for a while, then in the next window. */
export const guessPatiently = async (count: number, address: string): Promise<string[]> => {
  const codes: string[] = []
  for (let index = 0; index < count; index += 1) {
    if (index % limitPerPair === 0) scene.clock.milliseconds += windowMilliseconds
    codes.push(await codeOf(wrong, address))
  }
  return codes
}
