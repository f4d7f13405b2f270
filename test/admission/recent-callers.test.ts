import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeRecentCallers } from '../../lib/admission/recent-callers.ts'
import type { OrganizationSnapshot, OwnSnapshot, SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import type { Member } from '../../lib/identity/member.ts'
import { newSecretOf } from '../../lib/secrets/key-id.ts'
import { credentialOf, memberWith, organizationWith, policyWith } from '../functions/stored-scene.ts'
import { storedRole } from '../identity/sample-membership.ts'

setFlagsFromString('--expose-gc')
const gc: () => void = runInNewContext('gc')

let clock: number
/** Per read of storage: what was read, of which user. */
let reads: string[]
let shared: OrganizationSnapshot
let members: Member[]
let malformed: Member | undefined
beforeEach(() => {
  clock = 1_795_251_660_000
  reads = []
  malformed = undefined
  shared = {
    organization: organizationWith(),
    policy: policyWith([], { roles: [storedRole({ roleId: 1000 })] }),
  }
  members = [1, 2, 3].map((number) => memberWith(number, { membership: { allAccountGroupRoles: [1000] } }))
})

const made = [1, 2, 3].map((number) => credentialOf(memberWith(number)))
const [first = '', second = '', third = ''] = made.map(({ token }) => `Bearer ${token}`)

const ownItems = async ({ userId }: SnapshotKeys): Promise<OwnSnapshot> => {
  const at = members.findIndex(({ user }) => user.userId === userId)
  const member = members[at]
  const credential = made[at]?.credential
  if (member === undefined || member === malformed || credential === undefined)
    throw new Error('a malformed item')
  return { ...member, credential, loggedOut: false, actor: null }
}

/** @param lasts milliseconds that each read takes */
const container = ({ cacheSeconds = 5, lasts = 0 } = {}) => {
  const read = async <T>(what: string, items: () => Promise<T>): Promise<T> => {
    reads.push(what)
    const taken = items()
    await taken.catch(() => undefined)
    clock += lasts
    return taken
  }
  const find = makeRecentCallers(
    {
      snapshots: {
        own: (wanted) => read(`own ${Number(wanted.userId.slice(-1))}`, () => ownItems(wanted)),
        organization: () => read('organization', async () => shared),
        together: (wanted) => {
          const organization = read(`both ${Number(wanted.userId.slice(-1))}`, async () => shared)
          return { own: organization.then(() => ownItems(wanted)), organization }
        },
      },
      verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' }),
      findImported: () => Promise.resolve(null),
      now: () => clock,
    },
    cacheSeconds,
  )
  const identify = async (authorization: string) => {
    const found = await find(authorization)
    if (typeof found === 'string') return found
    const { identified } = found
    if (!identified.ok) return identified.reason
    const { organization, membership } = identified.subject
    const roles = membership?.allAccountGroupRoles.map(({ roleId }) => roleId)
    return organization.isActive ? roles : 'organization_inactive'
  }
  return { find, identify }
}

describe('what the callers of an organization share', () => {
  it('is read together with the first caller, in one call, and not again for the others', async () => {
    const { identify } = container()
    for (const authorization of [first, second, first, third, second])
      expect(await identify(authorization)).toEqual([1000])
    expect(reads).toEqual(['both 1', 'own 2', 'own 3'])
  })

  it('grants nothing by a role that lost it before the user was given the role', async () => {
    const { find, identify } = container()
    const granting = (permissions: Readonly<Record<string, 'write'>>) =>
      policyWith([], { roles: [storedRole({ roleId: 1000 }), storedRole({ roleId: 1001, permissions })] })
    const policyOf = async (authorization: string) => {
      const found = await find(authorization)
      if (typeof found === 'string') throw new Error(found)
      return found.snapshot.policy
    }
    shared = { ...shared, policy: granting({ 'postern-users': 'write' }) }
    await identify(first)
    clock += 1000
    const stripped = granting({})
    shared = { ...shared, policy: stripped }
    clock += 1000
    const user = { updatedAt: new Date(clock).toISOString() }
    members[1] = memberWith(2, { user, membership: { allAccountGroupRoles: [1001] } })
    clock += 1000
    expect(await policyOf(second)).toBe(stripped)
    expect(await policyOf(second)).toBe(stripped)
    expect(await policyOf(third)).toBe(stripped)
    expect(reads).toEqual(['both 1', 'own 2', 'organization', 'own 3'])
  })

  it('is read again for a guest whose membership was changed since: the user of another organization was not', async () => {
    const { identify } = container()
    await identify(first)
    clock += 1000
    members[1] = memberWith(2, { membership: { changedAt: new Date(clock).toISOString() } })
    clock += 1000
    await identify(second)
    await identify(second)
    await identify(third)
    expect(reads).toEqual(['both 1', 'own 2', 'organization', 'own 3'])
  })

  it('is not read again for wrong secrets of a user who was changed', async () => {
    const { identify } = container()
    await identify(first)
    clock += 1000
    members[1] = memberWith(2, { user: { updatedAt: new Date(clock).toISOString() } })
    clock += 1000
    const guess = `Bearer ${credentialOf(memberWith(2)).token}`
    for (let times = 0; times < 3; times += 1) expect(await identify(guess)).toBe('credential_unknown')
    expect(reads).toEqual(['both 1', 'own 2', 'own 2', 'own 2'])
  })

  it('is as old as its own read for every caller, and what has changed by then holds', async () => {
    const { identify } = container()
    await identify(first)
    shared = { ...shared, organization: organizationWith({ status: 'inactive' }) }
    clock += 4000
    expect(await identify(second)).toEqual([1000])
    clock += 999
    expect(await identify(second)).toEqual([1000])
    clock += 1
    // The second caller is kept for four more seconds, but not with what was read for the first.
    expect(await identify(second)).toBe('organization_inactive')
    expect(await identify(first)).toBe('organization_inactive')
    expect(reads).toEqual(['both 1', 'own 2', 'organization', 'own 1'])
  })

  it('is as old as its read was at the beginning, however long the read took', async () => {
    const { identify } = container({ lasts: 3000 })
    await identify(first)
    clock += 1999
    await identify(second)
    expect(reads).toEqual(['both 1', 'own 2'])
    clock += 1
    reads.length = 0
    await identify(third)
    expect(reads).toEqual(['both 3'])
  })

  it('is read once by a thousand requests at once', async () => {
    const { identify } = container()
    const asked = Array.from({ length: 1000 }, (_, index) => [first, second, third][index % 3] ?? '')
    for (const answer of await Promise.all(asked.map(identify))) expect(answer).toEqual([1000])
    expect(reads.filter((read) => !read.startsWith('own'))).toEqual(['both 1'])
  })

  it('is not lost to those who wait for it when an item of the caller that began the read is malformed', async () => {
    malformed = members[0]
    const { identify } = container()
    const [broken, whole] = await Promise.allSettled([identify(first), identify(second)])
    expect(broken.status).toBe('rejected')
    expect(whole).toEqual({ status: 'fulfilled', value: [1000] })
    expect(reads).toEqual(['both 1', 'own 2'])
  })

  it('is read for every request at 0 seconds, together with the caller', async () => {
    const { identify } = container({ cacheSeconds: 0 })
    await Promise.all([identify(first), identify(first), identify(second)])
    expect(reads).toEqual(['both 1', 'both 1', 'both 2'])
  })

  it('leaves memory when it is read again, also while its callers are kept', async () => {
    const { identify } = container()
    await identify(first)
    clock += 3000
    await identify(second)
    const before = new WeakRef(shared.policy ?? {})
    shared = { ...shared, policy: policyWith([], { roles: [storedRole({ roleId: 1000 })] }) }
    clock += 2000
    await identify(first)
    // A WeakRef holds what it points at until the turn in which it was made or looked at is over.
    await nextTurn()
    gc()
    expect(before.deref()).toBeUndefined()
    await identify(second)
    expect(reads).toEqual(['both 1', 'own 2', 'both 1'])
  })

  it('is compiled once for all callers, and a caller once for all its requests', async () => {
    const { find } = container()
    const roleOf = async (authorization: string) => {
      const found = await find(authorization)
      return typeof found === 'string' || !found.identified.ok ? undefined : found.identified.subject
    }
    const [one, again, other] = [await roleOf(first), await roleOf(first), await roleOf(second)]
    expect(again).toBe(one)
    expect(one?.membership?.allAccountGroupRoles[0]?.roleId).toBe(1000)
    expect(other?.membership?.allAccountGroupRoles[0]).toBe(one?.membership?.allAccountGroupRoles[0])
  })
})

describe('a membership that names what the kept policy does not have', () => {
  const withRoles = (at: number, change: Partial<Member['membership']>): void => {
    members = members.map((member, index) =>
      index === at ? { ...member, membership: { ...member.membership, ...change } } : member,
    )
  }

  it('is judged by the policy as it is now: a role', async () => {
    const { identify } = container()
    await identify(first)
    shared = {
      ...shared,
      policy: policyWith([], { roles: [storedRole({ roleId: 1000 }), storedRole({ roleId: 1001 })] }),
    }
    withRoles(1, { allAccountGroupRoles: [1001] })
    expect(await identify(second)).toEqual([1001])
    expect(await identify(second)).toEqual([1001])
    withRoles(2, { allAccountGroupRoles: [1000, 1001] })
    expect(await identify(third)).toEqual([1000, 1001])
    expect(reads).toEqual(['both 1', 'own 2', 'organization', 'own 3'])
  })

  it.each([
    { accountGroupRoles: [{ aid: 2000, roles: [] }] },
    { accountGroupRoles: [{ aid: 1, roles: [1001] }] },
    { loginAccountGroup: 2000 },
  ])('is judged by the policy as it is now: %o', async (named) => {
    const { identify } = container()
    await identify(first)
    withRoles(1, named)
    clock += 1
    await identify(second)
    expect(reads).toEqual(['both 1', 'own 2', 'organization'])
  })

  it('causes one more read and no further ones, if no such role exists', async () => {
    const { identify } = container()
    withRoles(0, { allAccountGroupRoles: [1000, 1999] })
    withRoles(1, { allAccountGroupRoles: [1999] })
    for (const authorization of [first, first, second, first, second, first]) {
      clock += 1
      await identify(authorization)
    }
    expect(reads).toEqual(['both 1', 'organization', 'own 2', 'organization'])
  })

  it('causes no read for somebody who guesses at its credential', async () => {
    const { identify } = container()
    await identify(second)
    withRoles(0, { allAccountGroupRoles: [1999] })
    const keyId = made[0]?.credential.keyId ?? 'key_'
    const guess = newSecretOf('token', keyId, (size) => new Uint8Array(size).fill(7))
    expect(await identify(`Bearer ${guess}`)).toBe('credential_unknown')
    expect(reads).toEqual(['both 2', 'own 1'])
  })
})
