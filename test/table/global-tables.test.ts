import { beforeEach, describe, expect, it } from 'vitest'
import { admit } from '../../lib/admission/admit.ts'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import { noteUse } from '../../lib/credentials/credential-store.ts'
import { createCredential, deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { holdsAdministratorRole } from '../../lib/identity/administrator.ts'
import { StoredMembership } from '../../lib/identity/stored-membership.ts'
import { leaseTokens } from '../../lib/limits/rate-counter-store.ts'
import type { RateCounter } from '../../lib/limits/rate-limiter.ts'
import { loginPerAccountAndSource } from '../../lib/limits/throttle-rule.ts'
import { countAttempt } from '../../lib/limits/throttle-store.ts'
import { completeReset } from '../../lib/passwords/complete-reset.ts'
import { makeResetLink } from '../../lib/passwords/make-reset-link.ts'
import { readReset } from '../../lib/passwords/reset-token-store.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { firstUse } from '../credentials/first-use.ts'
import { anything } from '../guests/membership-scene.ts'
import {
  callersOf,
  callerWith,
  dependenciesOf,
  dependenciesWithKey,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import { twoRegions } from './two-regions.ts'

const scene = async () => {
  const regions = await twoRegions()
  const { token, organizationId } = await makeOrganization(regions.home)
  // A copy: the same organization.
  await makeOrganization(regions.away)
  const admin = (region: Table) => callerWith(region, token)
  const partner = await makeCaller(regions.home, await admin(regions.home), {
    username: 'partner',
    permissions: { 'shop/orders': 'read' },
  })
  await regions.merge()
  const { userId, credential } = { ...partner.user, credential: partner.caller.snapshot.credential }
  if (credential === null) throw new Error('the partner has no credential')
  const change = async (region: Table, of: typeof userId, fields: UserChange) =>
    changeUser(dependenciesOf(region), await admin(region), of, fields, anything, origin)
  /** Whether the region admits the partner's token, at Postern's own API as at any. */
  const isAdmitted = async (region: Table, presented = partner.token) => {
    const request = { method: 'GET', path: '/v1/users/me', address: origin.address, aid: null }
    const { decision } = await admit(
      { ...callersOf(region), noteUse: async () => {} },
      `Bearer ${presented}`,
      {
        ...request,
        target: { kind: 'self', endsSession: false },
      },
    )
    return decision.allow
  }
  return { ...regions, organizationId, admin, partner, userId, credential, change, isAdmitted }
}

let there: Awaited<ReturnType<typeof scene>>
beforeEach(async () => {
  there = await scene()
})

const both = async <T>(work: (region: Table) => Promise<T>): Promise<readonly [T, T]> => [
  await work(there.home),
  await work(there.away),
]

/** Each is a reason for the home region: what conditions exclude in one region happens when two regions write. */
describe('two regions that write', () => {
  it('give one username to two users', async () => {
    const make = async (region: Table) =>
      createUser(dependenciesOf(region), await there.admin(region), { username: 'twin' }, origin)
    const [first, second] = await both(make)
    await there.merge()
    const twins = (await there.itemsOf('user')).filter((item) => item['username'] === 'twin')
    expect(twins.map((item) => item['userId']).toSorted()).toEqual(
      [first.user.userId, second.user.userId].toSorted(),
    )
    const claims = (await there.itemsOf('username-claim')).filter((item) => item['pk'] === 'USERNAME#twin')
    expect(claims).toMatchObject([{ userId: second.user.userId }])
  })

  it('enable a disabled user again, and its ended sessions with it', async () => {
    const before = there.partner.caller.snapshot.user
    await there.change(there.home, there.userId, { status: 'disabled' })
    await there.change(there.away, there.userId, { description: 'written a moment later' })
    expect(await there.isAdmitted(there.home)).toBe(false)
    await there.merge()
    expect(await there.isAdmitted(there.home)).toBe(true)
    const [user] = (await there.itemsOf('user')).filter((item) => item['userId'] === there.userId)
    expect(user).toMatchObject({ epoch: before?.epoch, status: 'active' })
  })

  it('take one reset token twice', async () => {
    const { home, userId } = there
    const { link } = await makeResetLink(
      { ...dependenciesOf(home), issuer: 'https://postern.example' },
      await there.admin(home),
      userId,
      origin,
    )
    await there.merge()
    const token = new URL(link).searchParams.get('token') ?? ''
    const reset = (region: Table, newPassword: string) =>
      completeReset(
        {
          ...dependenciesOf(region),
          readReset: (of) => readReset(region, of),
          countAttempt: (rule, subject) => countAttempt(region, rule, subject, Date.now()),
        },
        { token, newPassword, confirmPassword: newPassword },
        origin,
      )
    await reset(there.home, 'the passphrase of the owner')
    await expect(reset(there.away, 'the passphrase of a thief')).resolves.toHaveProperty(
      'organization.organizationId',
    )
  })

  it('let as many requests pass as both limits together, and forget what one has counted', async () => {
    const startSeconds = 1_795_251_600
    const counter: RateCounter = {
      organizationId: there.organizationId,
      userId: null,
      allowanceClass: 'protected',
      shard: 0,
      window: { startSeconds, endSeconds: startSeconds + 60 },
    }
    const lease = (region: Table, tokens: number) => leaseTokens(region, counter, tokens, 5000)
    expect(await lease(there.home, 100)).toBe(100)
    expect(await lease(there.away, 1)).toBe(1)
    await there.merge()
    expect(await lease(there.home, 1)).toBe(2)
  })

  it('count the guesses of an attacker who tries both as those in one', async () => {
    const guess = (region: Table) => countAttempt(region, loginPerAccountAndSource, 'a source', Date.now())
    await both(async (region) => {
      for (let attempt = 0; attempt < 5; attempt += 1) await guess(region)
    })
    await there.merge()
    expect(await guess(there.home)).toBe(6)
  })

  it('count one credential of two, and so more than the most', async () => {
    await both(async (region) =>
      createCredential(
        dependenciesOf(region),
        await there.admin(region),
        there.userId,
        { name: 'new', kind: 'token' },
        origin,
      ),
    )
    await there.merge()
    expect(await wrongCounts(there.home)).toContain(`${there.userId}: credentialCount is 2, and there are 3`)
  })

  it('take the last two administrators, each as the last but one', async () => {
    const second = await makeCaller(there.home, await there.admin(there.home), {
      username: 'second',
      role: 'Organization Admin',
    })
    await there.merge()
    const administrators = async () =>
      (await there.itemsOf('membership')).filter((item) =>
        holdsAdministratorRole(StoredMembership.parse(item)),
      ).length
    expect(await administrators()).toBe(2)
    const { userId: first } = (await there.admin(there.home)).subject
    const demote = { role: 'User' }
    await changeUser(
      dependenciesOf(there.home),
      await callerWith(there.home, second.token),
      first,
      demote,
      anything,
      origin,
    )
    await there.change(there.away, second.user.userId, demote)
    await there.merge()
    expect(await administrators()).toBe(0)
  })

  it('do a request with one Idempotency-Key twice', async () => {
    const body = { name: 'once', kind: 'token' } as const
    const make = async (region: Table) => {
      const caller = await there.admin(region)
      const dependencies = dependenciesWithKey(region, caller, body, 'the same key')
      return createCredential(dependencies, caller, there.userId, body, origin)
    }
    const [one, other] = await both(make)
    expect(one.keyId).not.toBe(other.keyId)
  })

  it('bring a deleted credential back by noting its use', async () => {
    const { home, away, userId, credential } = there
    const { keyId } = credential
    await deleteCredential(dependenciesOf(home), await there.admin(home), { userId, keyId }, origin)
    await noteUse(away, firstUse(credential), new Date().toISOString())
    await there.merge()
    expect(await there.isAdmitted(home)).toBe(true)
  })

  it('keep the audit rows of both, also of the change that lost', async () => {
    await there.change(there.home, there.userId, { description: 'first' })
    await there.change(there.away, there.userId, { description: 'second' })
    await there.merge()
    const rows = (await there.itemsOf('audit')).filter((item) => item['action'] === 'user.changed')
    expect(rows).toHaveLength(2)
  })
})

describe('a home region that writes and another that only reads', () => {
  /** What takes the partner's access, by an item that is enough alone. */
  const revocations = {
    'disabling the user': () => there.change(there.home, there.userId, { status: 'disabled' }),
    'disabling the credential': async () =>
      changeCredential(
        dependenciesOf(there.home),
        await there.admin(there.home),
        { userId: there.userId, keyId: there.credential.keyId },
        { status: 'disabled' },
        origin,
      ),
    'deleting the credential': async () =>
      deleteCredential(
        dependenciesOf(there.home),
        await there.admin(there.home),
        { userId: there.userId, keyId: there.credential.keyId },
        origin,
      ),
    'deleting the user': async () =>
      deleteUser(dependenciesOf(there.home), await there.admin(there.home), there.userId, null, origin),
  } satisfies Record<string, () => Promise<unknown>>

  it.each(Object.entries(revocations))(
    'refuse after %s when its item has arrived, in any order',
    async (_name, revoke) => {
      await revoke()
      expect(await there.isAdmitted(there.home)).toBe(false)
      // Until then the other region still admits: the lag of replication is part of the bound.
      expect(await there.isAdmitted(there.away)).toBe(true)
      const items = await there.underWay()
      const isEnough: boolean[] = []
      for (const { before, after } of items) {
        await there.arrive(after)
        isEnough.push(!(await there.isAdmitted(there.away)))
        await there.arrive(before)
      }
      expect(isEnough).toContain(true)
      for (const { after } of items.toReversed()) await there.arrive(after)
      expect(await there.isAdmitted(there.away)).toBe(false)
      expect(await there.areEqual()).toBe(true)
    },
  )

  it('admit a new user only when all items of its transaction that a decision reads have arrived', async () => {
    const made = await makeCaller(there.home, await there.admin(there.home), {
      username: 'newcomer',
      permissions: { 'shop/orders': 'read' },
    })
    const items = await there.underWay()
    const read = items.filter(({ after }) => after.key.pk === `USER#${made.user.userId}`)
    expect(read).toHaveLength(3)
    for (let arrived = 0; arrived < 2 ** read.length; arrived += 1) {
      for (const [index, { before, after }] of read.entries())
        await there.arrive((arrived >> index) % 2 === 1 ? after : before)
      expect(await there.isAdmitted(there.away, made.token)).toBe(arrived === 2 ** read.length - 1)
    }
  })
})
