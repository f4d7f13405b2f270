import { Secret, TOTP } from 'otpauth'
import { openLogins } from '../../functions/wiring/logins.ts'
import { openThrottles } from '../../functions/wiring/throttles.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import { challengePasskeys } from '../../lib/factors/change-factors.ts'
import type { Enrolled } from '../../lib/factors/enroll-factor.ts'
import { beginEnrollment, confirmEnrollment, ownEnrolling } from '../../lib/factors/enroll-factor.ts'
import type { InARowRule, ThrottleRule } from '../../lib/limits/throttle-rule.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { changeOrganization } from '../../lib/organizations/change-organization.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { logIn } from '../../lib/sessions/log-in.ts'
import { verifyWithinCounts } from '../../lib/sessions/second-step.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { securityKey } from './authenticator.ts'

export const issuer = 'https://postern.example'
export const password = 'quite long enough now'

/** A table with an organization and a clock; users have a password and a token. */
export const factorScene = async () => {
  const table = await freshTable()
  const first = await makeOrganization(table)
  const clock = { milliseconds: Date.parse('2026-11-22T12:00:00.000Z') }
  const now = () => clock.milliseconds
  const refused: string[] = []
  const unbounded = {
    ...dependenciesOf(table),
    ...openLogins(table),
    now,
    spendSession: () => Promise.resolve(),
    ...openThrottles(table),
    countAttempt: (rule: ThrottleRule | InARowRule, subject: string) =>
      countAttempt(table, rule, subject, now()),
    readPasswordHash: (userId: UserId) => readPasswordHash(table, userId),
    issueSession: async () => ({ text: 'session', sessionId: 'ses_1' }) as const,
    onRefused: (reason: string) => void refused.push(reason),
  }
  const withinCounts = verifyWithinCounts(unbounded)
  const dependencies = { ...unbounded, verifyWithinCounts: withinCounts }
  const proven = { hadFactor: true }
  const admin = () => callerWith(table, first.token)
  let requests = 0
  const nextOrigin = (address = origin.address) => {
    requests += 1
    return { address, requestId: `factor-${requests}` }
  }

  /** The code that an app with this secret shows now, or steps later. */
  const codeOf = (secret: string, steps = 0): string =>
    TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: now() + steps * 30_000 })

  const enrollApp = async (caller: Caller, name = 'Phone') => {
    const enrolling = ownEnrolling(caller, nextOrigin())
    const begun = await beginEnrollment(dependencies, enrolling, 'totp', proven)
    const secret = begun.totp?.secret ?? ''
    // As apps show it.
    const code = codeOf(secret).replace(/(?<=^\d{3})/, ' ')
    const confirmation = { enrollmentId: begun.enrollmentId, name, code }
    const enrolled: Enrolled = await confirmEnrollment(dependencies, enrolling, confirmation)
    return { secret, ...enrolled, code: (steps = 0) => codeOf(secret, steps) }
  }

  const enrollPasskey = async (caller: Caller, name = 'Security key') => {
    const enrolling = ownEnrolling(caller, nextOrigin())
    const begun = await beginEnrollment(dependencies, enrolling, 'passkey', proven)
    const device = securityKey()
    const challenge = begun.passkey?.challenge ?? ''
    const enrolled = await confirmEnrollment(dependencies, enrolling, {
      enrollmentId: begun.enrollmentId,
      name,
      passkey: device.create({ challenge, origin: issuer }),
    })
    return { device, ...enrolled }
  }

  return {
    table,
    first,
    clock,
    refused,
    dependencies,
    admin,
    nextOrigin,
    codeOf,
    enrollApp,
    enrollPasskey,
    make: async (body: Partial<NewUserBody> & Pick<NewUserBody, 'username'>) =>
      makeCaller(table, await admin(), { password, email: `${body.username}@customer.example`, ...body }),
    challenge: (caller: Caller) => challengePasskeys(dependencies, caller.snapshot.user.userId),
    demand: async (secondFactor: 'optional' | 'managers' | 'everybody') =>
      changeOrganization(dependencies, await admin(), { secondFactor }, origin),
    logIn: (
      username: string,
      given: { readonly code?: string; readonly password?: string } = {},
      address?: string,
    ) => logIn(dependencies, { username, password, ...given }, nextOrigin(address)),
    items: () => allItems(table),
    rowsOf: async (action: string, userId: UserId) =>
      (await allItems(table)).filter((item) => item['action'] === action && item['targetUserId'] === userId),
    noticesTo: async (userId: UserId) =>
      (await allItems(table))
        .filter((item) => item['kind'] === 'notice' && item['userId'] === userId)
        .map((item) => item['noticeKind']),
  }
}
export type FactorScene = Awaited<ReturnType<typeof factorScene>>
