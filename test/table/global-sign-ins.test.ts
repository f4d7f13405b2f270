import { randomBytes } from 'node:crypto'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { Secret, TOTP } from 'otpauth'
import { beforeEach, describe, expect, it } from 'vitest'
import { openThrottles } from '../../functions/wiring/throttles.ts'
import { admitCookie } from '../../lib/console/admit-cookie.ts'
import { openConsoleSession } from '../../lib/console/console-session.ts'
import { readConsoleSession } from '../../lib/console/console-session-store.ts'
import { renewToken } from '../../lib/console/renew-token.ts'
import { endWrites } from '../../lib/console/sign-out.ts'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import { readFactors, readIdentityProof } from '../../lib/factors/factor-store.ts'
import { proveIdentity, requireProof } from '../../lib/factors/prove-identity.ts'
import { verifyCode } from '../../lib/factors/verify-code.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { newRecoveryCode } from '../../lib/secrets/recovery-code.ts'
import { hashSecret } from '../../lib/secrets/secret-hash.ts'
import { endSessionsWrite } from '../../lib/sessions/log-out.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { testSeal } from '../factors/test-seal.ts'
import { anything } from '../guests/membership-scene.ts'
import {
  callersOf,
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { twoRegions } from './two-regions.ts'

const at = Date.parse('2026-11-22T12:00:00.000Z')
const now = () => at
const password = 'the passphrase of the owner'
const issuer = 'https://postern.example'
const secret = '12345678901234567890'
const appCode = (milliseconds: number) =>
  TOTP.generate({
    secret: new Secret({ buffer: Uint8Array.from(Buffer.from(secret)).buffer }),
    timestamp: milliseconds,
  })

/** A user with a password, who gets an app and a recovery code, known in both regions. */
const scene = async () => {
  const regions = await twoRegions()
  const { token } = await makeOrganization(regions.home)
  // A copy: the same organization.
  await makeOrganization(regions.away)
  const admin = (region: Table) => callerWith(region, token)
  const { user, token: own } = await makeCaller(regions.home, await admin(regions.home), {
    username: 'partner',
    password,
  })
  const { userId } = user
  const recoveryCode = newRecoveryCode(randomBytes)
  const app = { name: 'Phone', createdAt: '2026-11-22T09:00:00.000Z', lastUsedAt: null, lastStep: 0 }
  await regions.merge()
  const enroll = async () => {
    const sealedSecret = await testSeal.seal(new TextEncoder().encode(secret), userId)
    await regions.home.client.send(
      new PutCommand({
        TableName: regions.home.tableName,
        Item: {
          ...keys.factors(userId),
          ...{ kind: 'factors', userId, recoveryCodes: [hashSecret(recoveryCode)], version: 1 },
          factors: [{ ...app, factorId: 'fac_app', factorKind: 'totp', sealedSecret }],
        },
      }),
    )
    await regions.merge()
  }
  /** True if the region accepts the code, and uses it up. */
  const accepts = async (region: Table, code: string, milliseconds = at): Promise<boolean> => {
    const stored = await readFactors(region, userId)
    const verified = stored === null ? null : await verifyCode(testSeal, stored, code, milliseconds)
    return verified !== null && (await dependenciesOf(region).write(verified.writes)).committed
  }
  const describeUser = async (region: Table) =>
    changeUser(dependenciesOf(region), await admin(region), userId, { description: 'new' }, anything, origin)
  return {
    ...regions,
    enroll,
    userId,
    recoveryCode,
    accepts,
    describeUser,
    caller: (of: Table) => callerWith(of, own),
  }
}

let there: Awaited<ReturnType<typeof scene>>
beforeEach(async () => {
  there = await scene()
})

/** Reasons for signing in, and changing factors, in the home region alone. */
describe('two regions that sign users in', () => {
  it('take one code of an app once each, and no more when they are merged', async () => {
    const { home, away, accepts } = there
    await there.enroll()
    expect(await accepts(home, appCode(at))).toBe(true)
    expect(await accepts(home, appCode(at))).toBe(false)
    expect(await accepts(away, appCode(at))).toBe(true)
    await there.merge()
    expect(await accepts(home, appCode(at))).toBe(false)
  })

  it('forget a later step of an app by a use of an earlier one', async () => {
    const { home, away, accepts } = there
    await there.enroll()
    const next = at + 30_000
    expect(await accepts(home, appCode(next), next)).toBe(true)
    expect(await accepts(away, appCode(at))).toBe(true)
    await there.merge()
    expect(await accepts(home, appCode(next), next)).toBe(true)
  })

  it('bring a used recovery code back by the use of an app', async () => {
    const { home, away, accepts, recoveryCode } = there
    await there.enroll()
    expect(await accepts(home, recoveryCode)).toBe(true)
    expect(await accepts(home, recoveryCode)).toBe(false)
    expect(await accepts(away, appCode(at))).toBe(true)
    await there.merge()
    expect(await accepts(home, recoveryCode)).toBe(true)
  })

  it('take a proof of identity again that ended with the sessions of its user', async () => {
    const { home, away, userId } = there
    const caller = await there.caller(home)
    const { proof } = await proveIdentity(
      {
        ...dependenciesOf(home),
        ...openThrottles(home),
        now,
        countAttempt: (rule, subject) => countAttempt(home, rule, subject, at),
        readPasswordHash: (of) => readPasswordHash(home, of),
        readFactors: (of) => readFactors(home, of),
        verifyWithinCounts: () => Promise.resolve(null),
      },
      caller,
      { password },
      origin,
    )
    await there.merge()
    const isTaken = async () => {
      const dependencies = { readIdentityProof: readIdentityProof.bind(null, home), now }
      return await requireProof(dependencies, await there.caller(home), proof).then(
        () => true,
        () => false,
      )
    }
    expect(await isTaken()).toBe(true)
    await dependenciesOf(home).write([endSessionsWrite(userId, new Date(at).toISOString())])
    await there.describeUser(away)
    expect(await isTaken()).toBe(false)
    await there.merge()
    expect(await isTaken()).toBe(true)
  })

  it('keep an ended console session ended, although its renewal brings the item back', async () => {
    const { home, away, userId } = there
    const { user, membership } = (await there.caller(home)).snapshot
    const from = { address: origin.address, userAgent: 'a browser' }
    const opened = openConsoleSession(
      { ...dependenciesOf(home), issuer, now },
      { user, membership },
      'signed-in',
      from,
    )
    await dependenciesOf(home).write([opened.write])
    await there.merge()
    const [cookie = ''] = opened.cookie.split(';')
    const cookieIn = (region: Table, milliseconds: number) => ({
      ...dependenciesOf(region),
      ...callersOf(region),
      issuer,
      now: () => milliseconds,
      readConsoleSession: readConsoleSession.bind(null, region),
      issueSession: async () => ({ text: 'a token', sessionId: opened.session.sessionId }),
    })
    const { sessionId } = opened.session
    await dependenciesOf(home).write(endWrites({ userId, sessionId }, new Date(at).toISOString()))
    const later = at + 300_000
    await expect(renewToken(cookieIn(away, later), [cookie], origin)).resolves.toHaveProperty('accessToken')
    await there.merge()
    expect(await readConsoleSession(home, { userId, sessionId })).toBeDefined()
    const request = { cookies: [cookie], method: 'POST', path: '/v1/console/token' } as const
    for (const region of [home, away])
      await expect(
        admitCookie(cookieIn(region, later), request, ['signed-in'], origin),
      ).rejects.toMatchObject({
        code: 'invalid_credentials',
      })
  })
})
