import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { invitationSeconds } from '../../lib/guests/place-acceptance.ts'
import { acceptPlace, leavePlace, listOwnPlaces } from '../../lib/guests/places.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { showOwnUser, showUser } from '../../lib/policy/show-user.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { wordNames } from '../../lib/table/schema.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { findUsers } from '../../lib/users/find-users.ts'
import { listUsers } from '../../lib/users/list-users.ts'
import type { UserListQuery } from '../../lib/users/user-endpoints.ts'
import { userView } from '../../lib/users/user-view.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import type { VisitScene } from './place-scene.ts'
import { anything, offered, visitScene } from './place-scene.ts'

let scene: VisitScene

beforeEach(async () => {
  scene = await visitScene(['directory', ...wordNames])
})

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

describe('an invitation', () => {
  it('gives nothing before the user accepts it, and what was offered from then on', async () => {
    const { place } = await scene.invite('partner', offered)
    expect(place).toBe('invited')
    const early = await scene.openSession(scene.partner.user.userId)
    expect(await early()).toBe('membership_inactive')
    expect(await scene.accept(scene.partner.caller)).toEqual({
      organizationId: scene.host.organizationId,
      organizationName: 'host',
      status: 'guest',
      invitedUntil: null,
    })
    const late = await scene.openSession(scene.partner.user.userId)
    expect(await late('GET /stock')).toBe('allowed')
    expect(await late('POST /stock')).toBe('permission_not_granted')
  })

  it('is accepted by nobody else, and by nobody uninvited', async () => {
    await scene.invite('partner', offered)
    const stranger = await scene.make({ username: 'stranger', role: 'Admin' })
    for (const caller of [stranger.caller, await scene.admin(), await scene.host.admin()]) {
      const own = caller.subject.organization.organizationId === scene.host.organizationId
      const code = await refusalCode(scene.accept(caller))
      expect(code).toBe(own ? 'ok' : 'not_found')
    }
    expect(await scene.statusHere()).toBe('invited')
  })

  it('ends by itself, and never lives again: not by waiting, not by waking', async () => {
    await scene.invite('partner', offered)
    const at = (seconds: number) => ({ ...scene.dependencies, now: () => Date.now() + seconds * 1000 })
    const accept = (seconds: number) =>
      refusalCode(acceptPlace(at(seconds), scene.partner.caller, scene.host.organizationId, origin))
    expect(await accept(invitationSeconds + 1)).toBe('not_found')
    expect(await refusalCode(scene.wake())).toBe('not_found')
    expect(await refusalCode(scene.invite('partner'))).toBe('username_taken')
    expect(await scene.statusHere()).toBe('invited')
    await scene.remove()
    await scene.invite('partner', offered)
    expect(await accept(invitationSeconds - 60)).toBe('ok')
  })

  it('is declined by the user, and taken back by the host', async () => {
    for (const end of [() => scene.leave(scene.partner.caller), () => scene.remove()]) {
      await scene.invite('partner', offered)
      await end()
      expect(await scene.statusHere()).toBeUndefined()
      expect(await refusalCode(scene.accept(scene.partner.caller))).toBe('not_found')
    }
  })

  it('ends when somebody else changes what proves the user, and is audited there', async () => {
    await scene.invite('partner', offered)
    await scene.change({ email: 'hijacked@elsewhere.example' })
    expect(await refusalCode(scene.accept(scene.partner.caller))).toBe('not_found')
    expect(await refusalCode(scene.wake())).toBe('not_found')
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    expect(rows.at(-1)).toMatchObject({
      action: 'guest.asleep',
      actor: { kind: 'organization', organizationId: scene.home.organizationId, userId: null },
      changes: [{ field: 'place', before: 'invited', after: 'ended' }],
    })
  })

  it('shows the host nothing of the user but the name, by no filter either, and no row of the audit', async () => {
    await scene.change({ status: 'disabled' })
    const shown = await scene.invite('partner', offered)
    const { userId, version, ...rest } = shown
    const nothing = {
      ...{ username: 'partner', name: 'partner', firstName: '', lastName: '', description: '' },
      ...{ email: null, emailVerified: false, status: 'active', place: 'invited', accessLevel: 'api' },
      ...{ timezone: 'UTC', location: '', whitelist: [], lastLoginAt: null },
    }
    expect(rest).toMatchObject(nothing)
    // When the user was made, and last changed, is its home's to know.
    expect([rest.createdAt, rest.updatedAt]).not.toContain(scene.partner.user.createdAt)
    const found = async ({ q, ...query }: UserListQuery) => {
      const { dependencies } = scene
      const caller = await scene.host.admin()
      const { users } =
        q === undefined
          ? await listUsers(dependencies, caller, query)
          : await findUsers(dependencies, caller, { ...query, q })
      return users.map(({ username }) => username)
    }
    for (const q of ['private', 'Pat', 'Tern']) expect([q, await found({ q })]).toEqual([q, []])
    expect(await found({ q: 'part' })).toEqual(['partner'])
    // A filter would tell otherwise that the user is disabled.
    expect(await found({ status: 'disabled' })).toEqual([])
    expect(await found({ status: 'active' })).toContain('partner')
    await scene.change({ status: 'active' })
    await scene.leave(await callerWith(scene.table, scene.partner.token))
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    expect(rows.map(({ action }) => action)).toEqual(['guest.invited', 'guest.asleep', 'guest.left'])
    expect(JSON.stringify(rows.at(-1))).not.toContain(scene.partner.caller.subject.provenBy.keyId)
    expect(rows.at(-1)).toMatchObject({ address: null, actor: { kind: 'organization', userId: null } })
  })

  it('is accepted once, while it is declined, taken back or put to sleep at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      await scene.invite('partner', offered)
      const outcomes = await Promise.all([
        refusalCode(scene.accept(scene.partner.caller)),
        refusalCode(round % 2 === 0 ? scene.leave(scene.partner.caller) : scene.remove()),
        refusalCode(scene.change({ email: `round-${round}@partner.example` })),
      ])
      expect(outcomes[2]).toBe('ok')
      // Whatever won: a place that is active now was accepted after the address was set, and it never is here.
      expect(['asleep', 'invited', undefined]).toContain(await scene.statusHere())
      expect(await refusalCode(scene.accept(scene.partner.caller))).toBe('not_found')
      if ((await scene.statusHere()) !== undefined) await scene.remove()
    }
  })
})

describe('what a place is, each side sees for itself', () => {
  it('to its home a guest is a user like any other: nothing of the place shows, nor in its audit', async () => {
    await scene.visit()
    const { userId } = scene.partner.user
    await changeUser(
      scene.dependencies,
      await scene.host.admin(),
      userId,
      { endpoints: ['GET /secret-stock'], role: 'Regular User', rateLimitPerMinute: 7 },
      anything,
      origin,
    )
    const home = await scene.admin()
    const shown = userView(await showUser(scene.dependencies, home, userId), home.snapshot.policy)
    expect(shown).toMatchObject({ place: 'home', roles: [], permissions: { orders: 'write' }, endpoints: [] })
    const rows = await scene.auditOf(scene.home.organizationId, userId)
    expect(rows.map(({ action }) => action)).toEqual(['user.created', 'guest.invited', 'guest.accepted'])
    const seen = JSON.stringify([shown, rows])
    for (const secret of ['stock', 'Regular', scene.host.apiId, scene.host.administratorId])
      expect(seen).not.toContain(secret)
    expect(rows[1]).toMatchObject({
      actor: { kind: 'organization', organizationId: scene.host.organizationId },
      targetId: scene.host.organizationId,
      address: null,
      changes: [],
    })
  })

  it('the user itself sees all of them, and nobody else does', async () => {
    await scene.invite('partner', offered)
    const isHome = ({ status }: { status: string }) => Number(status === 'home')
    const places = async () =>
      (await listOwnPlaces(scene.dependencies, scene.partner.caller)).toSorted(
        (one, other) => isHome(other) - isHome(one),
      )
    expect(await places()).toMatchObject([
      { organizationId: scene.home.organizationId, organizationName: 'Example', status: 'home' },
      { organizationId: scene.host.organizationId, organizationName: 'host', status: 'invited' },
    ])
    await scene.accept(scene.partner.caller)
    expect((await places()).map(({ status }) => status)).toEqual(['home', 'guest'])
    await scene.change({ email: 'new@partner.example' })
    expect((await places()).map(({ status }) => status)).toEqual(['home', 'asleep'])
  })

  it('each step is audited on both sides, in the transaction that makes it', async () => {
    await scene.visit()
    await scene.change({ email: 'new@partner.example' })
    await scene.wake()
    await scene.leave(scene.partner.caller)
    await scene.invite('partner')
    await scene.remove()
    const rowsOf = (organizationId: OrganizationId) =>
      scene.auditOf(organizationId, scene.partner.user.userId)
    const actions = async (organizationId: OrganizationId) =>
      (await rowsOf(organizationId)).map(({ action }) => action)
    const shared = ['guest.invited', 'guest.accepted', 'guest.woken', 'guest.left', 'guest.removed']
    const atHome = await actions(scene.home.organizationId)
    const atHost = await actions(scene.host.organizationId)
    for (const action of shared)
      expect([action, atHome, atHost]).toEqual([
        action,
        expect.arrayContaining([action]),
        expect.arrayContaining([action]),
      ])
    expect(atHost).toContain('guest.asleep')
    expect(atHost).not.toContain('user.changed')
    const place = (before: string, after: string) => [{ field: 'place', before, after }]
    for (const [step, changes] of [
      ['guest.accepted', place('invited', 'active')],
      ['guest.woken', place('asleep', 'active')],
    ] as const) {
      const ofStep = ({ action }: Record<string, unknown>) => action === step
      expect((await rowsOf(scene.host.organizationId)).filter(ofStep)).toMatchObject([
        { targetId: null, changes },
      ])
    }
    // The home organization learns where, and nothing of what.
    const there = (await rowsOf(scene.home.organizationId)).filter(({ action }) =>
      shared.some((one) => one === action),
    )
    expect(there.length).toBeGreaterThanOrEqual(shared.length)
    for (const row of there) expect(row).toMatchObject({ targetId: scene.host.organizationId, changes: [] })
  })

  it('what a guest is given stands in the audit of its host, and so does what is taken from it', async () => {
    await scene.invite('partner', { ...offered, impersonation: 'full' })
    await scene.remove()
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    const changesOf = (wanted: string) => rows.find(({ action }) => action === wanted)?.['changes']
    const held = {
      place: 'invited',
      endpoints: [`${scene.host.apiId} GET /stock`],
      impersonation: 'full',
    }
    const given = Object.entries(held).map(([field, after]) => ({ field, before: null, after }))
    const taken = Object.entries(held).map(([field, before]) => ({ field, before, after: null }))
    expect(changesOf('guest.invited')).toEqual(given)
    expect(changesOf('guest.removed')).toEqual(taken)
  })

  it('the deletion of a user ends its places, and those organizations hear of it', async () => {
    await scene.visit()
    await scene.remove(scene.admin())
    expect(await scene.statusHere()).toBeUndefined()
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    expect(rows.at(-1)).toMatchObject({
      action: 'guest.removed',
      actor: { kind: 'organization', organizationId: scene.home.organizationId, userId: null },
      address: null,
      changes: expect.arrayContaining([{ field: 'place', before: 'active', after: null }]),
    })
  })

  it('the audit of one organization is kept as long as that one says, not as long as the other does', async () => {
    await scene.visit()
    const home = await scene.admin()
    const { organization } = home.snapshot
    if (organization === null) throw new Error('an admitted caller has an organization')
    const brief = {
      ...home,
      snapshot: { ...home.snapshot, organization: { ...organization, auditRetentionDays: 1 } },
    }
    await scene.change({ email: 'new@partner.example' }, Promise.resolve(brief))
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    const asleep = rows.find(({ action }) => action === 'guest.asleep')
    expect(Number(asleep?.['expiresAtSeconds'])).toBeGreaterThan(Date.now() / 1000 + 300 * 86_400)
  })
})

describe('leaving', () => {
  it('needs no right, also from a place that sleeps, and never leaves one’s home', async () => {
    await scene.visit()
    await scene.change({ email: 'new@partner.example' })
    const bare = await scene.make({ username: 'bare' })
    expect(await refusalCode(scene.leave(bare.caller))).toBe('not_found')
    expect(await refusalCode(scene.leave(scene.partner.caller, scene.home.organizationId))).toBe(
      'self_lockout',
    )
    await scene.leave(scene.partner.caller)
    expect(await scene.statusHere()).toBeUndefined()
  })

  it('is no way back: a place made anew is another one, and no session of the old one fits', async () => {
    await scene.visit()
    const old = await scene.openSession(scene.partner.user.userId)
    expect(await old()).toBe('allowed')
    for (const end of [() => scene.leave(scene.partner.caller), () => scene.remove()]) {
      await end()
      expect(await old()).toBe('membership_missing')
      await scene.visit()
      expect(await old()).toBe('session_superseded')
      expect(await (await scene.openSession(scene.partner.user.userId))()).toBe('allowed')
    }
  })

  it('is no way back for who read the old place: a change meant for it does not reach the new one', async () => {
    await scene.visit()
    const { readMember } = scene.dependencies
    let isFirst = true
    const overtaken = {
      ...scene.dependencies,
      readMember: async (...asked: [UserId, OrganizationId]) => {
        const read = await readMember(...asked)
        if (isFirst) {
          isFirst = false
          await scene.leave(scene.partner.caller)
          // Invited once more, and brought to the version that the old place had, but not accepted.
          await scene.invite('partner')
          await changeUser(
            scene.dependencies,
            await scene.host.admin(),
            scene.partner.user.userId,
            { rateLimitPerMinute: 5 },
            anything,
            origin,
          )
        }
        return read
      },
    }
    const host = await scene.host.admin()
    await changeUser(overtaken, host, scene.partner.user.userId, { endpoints: [] }, anything, origin)
    expect(await scene.statusHere()).toBe('invited')
    isFirst = true
    await scene.accept(scene.partner.caller)
    const leave = leavePlace(overtaken, scene.partner.caller, scene.host.organizationId, origin)
    expect(await refusalCode(leave)).toBe('version_conflict')
    expect(await scene.statusHere()).toBe('invited')
  })
})

describe('the audit of the other organization', () => {
  it('has who accepted and who left, and neither the key nor the vendor of the place that the user came from', async () => {
    const { dependencies, host, home } = scene
    const { vendorId } = await createIntegrationVendor(dependencies, await scene.admin(), 'Acme', origin)
    await scene.change({ integrationVendor: vendorId })
    const atHome = async () => callerWith(scene.table, scene.partner.token)
    await scene.invite('partner', offered)
    await scene.accept(await atHome())
    await scene.leave(await atHome())
    const actorsIn = async (organizationId: OrganizationId) =>
      (await scene.auditOf(organizationId, scene.partner.user.userId))
        .filter(({ action }) => action === 'guest.accepted' || action === 'guest.left')
        .map(({ actor }) => actor)
    const who = { kind: 'user', userId: scene.partner.user.userId }
    const keyId = scene.partner.caller.subject.provenBy.keyId
    const whole = { ...who, keyId, integrationVendor: vendorId }
    expect(await actorsIn(home.organizationId)).toMatchObject([whole, whole])
    const outside = { ...who, keyId: null, integrationVendor: null }
    expect(await actorsIn(host.organizationId)).toMatchObject([outside, outside])
  })
})

describe('the host', () => {
  it('changes nothing of the user but its place, whoever asks', async () => {
    await scene.visit()
    const host = await scene.host.admin()
    const { userId } = scene.partner.user
    const keyId = scene.partner.caller.subject.provenBy.keyId ?? 'key_'
    const hash = randomBytes(32).toString('hex')
    const attempts = [
      () => scene.change({ email: 'mine@host.example' }, scene.host.admin()),
      () => scene.change({ status: 'disabled' }, scene.host.admin()),
      () => scene.change({ username: 'mine' }, scene.host.admin()),
      () => scene.change({ whitelist: [] }, scene.host.admin()),
      () => scene.change({ loginAccountGroup: 1 }, scene.host.admin()),
      () => createCredential(scene.dependencies, host, userId, { name: 'x', kind: 'key' }, origin),
      () => importCredential(scene.dependencies, host, userId, { name: 'x', kind: 'token', hash }, origin),
      () => rotateCredential(scene.dependencies, host, { userId, keyId }, {}, origin),
      () => deleteCredential(scene.dependencies, host, { userId, keyId }, origin),
    ]
    for (const [index, attempt] of attempts.entries())
      expect([index, await refusalCode(attempt())]).toEqual([index, 'guest_not_editable'])
    const before = showOwnUser(scene.partner.caller).user
    const after = showOwnUser(await callerWith(scene.table, scene.partner.token)).user
    // Only that it has a place more was written.
    expect({ ...after, guestCount: 0 }).toEqual({ ...before, guestCount: 0 })
  })

  it('changes no password: a guest in its session there changes it at home, by that one’s rules', async () => {
    await scene.visit()
    const host = await scene.host.admin()
    const membership = await scene.placeOf(scene.partner.user.userId, scene.host.organizationId)
    if (membership === undefined) throw new Error('the guest has no place')
    const { subject, snapshot } = scene.partner.caller
    const asGuest = {
      ...scene.partner.caller,
      subject: { ...subject, organization: host.subject.organization },
      snapshot: { ...snapshot, organization: host.snapshot.organization, membership },
    }
    const body = {
      currentPassword: 'a',
      newPassword: 'quite another phrase',
      confirmPassword: 'quite another phrase',
    }
    const attempt = changePassword(
      {
        ...scene.dependencies,
        readPasswordHash: (userId) => readPasswordHash(scene.table, userId),
        countAttempt: () => Promise.resolve(1),
        uncountAttempt: () => Promise.resolve(),
        resetAttempts: () => Promise.resolve(),
      },
      asGuest,
      body,
      origin,
    )
    expect(await refusalCode(attempt)).toBe('guest_not_editable')
  })

  it('never makes a guest its administrator that counts, nor one who acts', async () => {
    await scene.invite('partner', { role: 'Admin', impersonation: 'full' })
    await scene.accept(scene.partner.caller)
    const victim = await scene.make({ username: 'victim' })
    const attempt = createUser(
      scene.dependencies,
      await scene.host.admin(),
      { username: 'actor', impersonation: 'selected', impersonationTargets: [scene.partner.user.userId] },
      origin,
    )
    expect(await refusalCode(attempt)).toBe('invalid_request')
    expect(await scene.placeOf(victim.user.userId, scene.host.organizationId)).toBeUndefined()
    const demote = changeUser(
      scene.dependencies,
      await scene.host.admin(),
      scene.host.administratorId,
      { role: 'User' },
      anything,
      origin,
    )
    expect(await refusalCode(demote)).toBe('last_administrator')
  })
})
