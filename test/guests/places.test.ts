import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { invitationSeconds } from '../../lib/guests/invitation.ts'
import { acceptPlace, leavePlace, listOwnPlaces, wakePlace } from '../../lib/guests/places.ts'
import { readDirectory } from '../../lib/identity/user-store.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { showOwnUser, showUser } from '../../lib/policy/show-user.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { listUsers } from '../../lib/users/list-users.ts'
import { userView } from '../../lib/users/user-view.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import type { PlaceScene } from './place-scene.ts'
import { anything, placeScene } from './place-scene.ts'

let scene: PlaceScene
let partner: Awaited<ReturnType<PlaceScene['make']>>

const offered = { endpoints: ['GET /stock'] }

beforeEach(async () => {
  scene = await placeScene()
  partner = await scene.make({
    username: 'partner',
    email: 'private@partner.example',
    firstName: 'Pat',
    lastName: 'Tern',
    location: 'Bern',
    whitelist: [origin.address],
    permissions: { orders: 'write' },
  })
})

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

const statusHere = async () => (await scene.placeOf(partner.user.userId, scene.host.organizationId))?.status
const visit = async () => {
  await scene.invite('partner', offered)
  await scene.accept(partner.caller)
}
const change = async (fields: UserChange, by = scene.admin()) =>
  changeUser(scene.dependencies, await by, partner.user.userId, fields, anything, origin)
const remove = async (by = scene.host.admin()) =>
  deleteUser(scene.dependencies, await by, partner.user.userId, null, origin)
const wake = async (by = scene.host.admin()) =>
  wakePlace(scene.dependencies, await by, partner.user.userId, origin)

describe('an invitation', () => {
  it('gives nothing before the user accepts it, and what was offered from then on', async () => {
    const { place } = await scene.invite('partner', offered)
    expect(place).toBe('invited')
    const early = await scene.openSession(partner.user.userId)
    expect(await early()).toBe('membership_inactive')
    expect(await scene.accept(partner.caller)).toMatchObject({ status: 'guest', invitedUntil: null })
    const late = await scene.openSession(partner.user.userId)
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
    expect(await statusHere()).toBe('invited')
  })

  it('ends by itself, and never lives again: not by waiting, not by waking', async () => {
    await scene.invite('partner', offered)
    const at = (seconds: number) => ({ ...scene.dependencies, now: () => Date.now() + seconds * 1000 })
    const accept = (seconds: number) =>
      refusalCode(acceptPlace(at(seconds), partner.caller, scene.host.organizationId, origin))
    expect(await accept(invitationSeconds + 1)).toBe('not_found')
    expect(await refusalCode(wake())).toBe('not_found')
    expect(await refusalCode(scene.invite('partner'))).toBe('username_taken')
    expect(await statusHere()).toBe('invited')
    await remove()
    await scene.invite('partner', offered)
    expect(await accept(invitationSeconds - 60)).toBe('ok')
  })

  it('is declined by the user, and taken back by the host', async () => {
    for (const end of [() => scene.leave(partner.caller), () => remove()]) {
      await scene.invite('partner', offered)
      await end()
      expect(await statusHere()).toBeUndefined()
      expect(await refusalCode(scene.accept(partner.caller))).toBe('not_found')
    }
  })

  it('ends when somebody else changes what proves the user, and is audited there', async () => {
    await scene.invite('partner', offered)
    await change({ email: 'hijacked@elsewhere.example' })
    expect(await refusalCode(scene.accept(partner.caller))).toBe('not_found')
    expect(await refusalCode(wake())).toBe('not_found')
    const rows = await scene.auditOf(scene.host.organizationId, partner.user.userId)
    expect(rows.at(-1)).toMatchObject({
      action: 'guest.asleep',
      actor: { kind: 'organization', organizationId: scene.home.organizationId, userId: null },
      changes: [{ field: 'place', before: 'invited', after: 'ended' }],
    })
  })

  it('shows the host nothing of the user but the name, by no filter either, and no row of the audit', async () => {
    await change({ status: 'disabled' })
    const shown = await scene.invite('partner', offered)
    const { userId, version, ...rest } = shown
    const nothing = {
      ...{ username: 'partner', name: 'partner', firstName: '', lastName: '', description: '' },
      ...{ email: null, emailVerified: false, status: 'active', place: 'invited', accessLevel: 'api' },
      ...{ timezone: 'UTC', location: '', whitelist: [], lastLoginAt: null },
    }
    expect(rest).toMatchObject(nothing)
    // When the user was made, and last changed, is its home's to know.
    expect([rest.createdAt, rest.updatedAt]).not.toContain(partner.user.createdAt)
    const dependencies = {
      readDirectory: (...asked: [string, Parameters<typeof readDirectory>[2], number]) =>
        readDirectory(scene.table, ...asked),
    }
    const found = async (query: Parameters<typeof listUsers>[2]) =>
      (await listUsers(dependencies, await scene.host.admin(), query)).users.map(({ username }) => username)
    for (const q of ['private', 'Pat', 'Tern']) expect([q, await found({ q })]).toEqual([q, []])
    expect(await found({ q: 'part' })).toEqual(['partner'])
    // A filter would tell otherwise that the user is disabled.
    expect(await found({ status: 'disabled' })).toEqual([])
    expect(await found({ status: 'active' })).toContain('partner')
    await change({ status: 'active' })
    await scene.leave(await callerWith(scene.table, partner.token))
    const rows = await scene.auditOf(scene.host.organizationId, partner.user.userId)
    expect(rows.map(({ action }) => action)).toEqual(['guest.invited', 'guest.asleep', 'guest.left'])
    expect(JSON.stringify(rows.at(-1))).not.toContain(partner.caller.subject.provenBy.keyId)
    expect(rows.at(-1)).toMatchObject({ address: null, actor: { kind: 'organization', userId: null } })
  })

  it('is accepted once, while it is declined, taken back or put to sleep at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      await scene.invite('partner', offered)
      const outcomes = await Promise.all([
        refusalCode(scene.accept(partner.caller)),
        refusalCode(round % 2 === 0 ? scene.leave(partner.caller) : remove()),
        refusalCode(change({ email: `round-${round}@partner.example` })),
      ])
      expect(outcomes[2]).toBe('ok')
      // Whatever won: a place that is active now was accepted after the address was set, and it never is here.
      expect(['asleep', 'invited', undefined]).toContain(await statusHere())
      expect(await refusalCode(scene.accept(partner.caller))).toBe('not_found')
      if ((await statusHere()) !== undefined) await remove()
    }
  })
})

describe('what a place is, each side sees for itself', () => {
  it('to its home a guest is a user like any other: nothing of the place shows, nor in its audit', async () => {
    await visit()
    const { userId } = partner.user
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
      (await listOwnPlaces(scene.dependencies, partner.caller)).toSorted(
        (one, other) => isHome(other) - isHome(one),
      )
    expect(await places()).toMatchObject([
      { organizationId: scene.home.organizationId, organizationName: 'Example', status: 'home' },
      { organizationId: scene.host.organizationId, organizationName: 'host', status: 'invited' },
    ])
    await scene.accept(partner.caller)
    expect((await places()).map(({ status }) => status)).toEqual(['home', 'guest'])
    await change({ email: 'new@partner.example' })
    expect((await places()).map(({ status }) => status)).toEqual(['home', 'asleep'])
  })

  it('each step is audited on both sides, in the transaction that makes it', async () => {
    await visit()
    await change({ email: 'new@partner.example' })
    await wake()
    await scene.leave(partner.caller)
    await scene.invite('partner')
    await remove()
    const actions = async (organizationId: string) =>
      (await scene.auditOf(organizationId, partner.user.userId)).map(({ action }) => action)
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
  })

  it('what a guest is given stands in the audit of its host, and so does what is taken from it', async () => {
    await scene.invite('partner', { ...offered, impersonation: 'full' })
    await remove()
    const rows = await scene.auditOf(scene.host.organizationId, partner.user.userId)
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
    await visit()
    await remove(scene.admin())
    expect(await statusHere()).toBeUndefined()
    const rows = await scene.auditOf(scene.host.organizationId, partner.user.userId)
    expect(rows.at(-1)).toMatchObject({
      action: 'guest.removed',
      actor: { kind: 'organization', organizationId: scene.home.organizationId, userId: null },
      address: null,
      changes: expect.arrayContaining([{ field: 'place', before: 'active', after: null }]),
    })
  })

  it('the audit of one organization is kept as long as that one says, not as long as the other does', async () => {
    await visit()
    const home = await scene.admin()
    const { organization } = home.snapshot
    if (organization === null) throw new Error('an admitted caller has an organization')
    const brief = {
      ...home,
      snapshot: { ...home.snapshot, organization: { ...organization, auditRetentionDays: 1 } },
    }
    await change({ email: 'new@partner.example' }, Promise.resolve(brief))
    const rows = await scene.auditOf(scene.host.organizationId, partner.user.userId)
    const asleep = rows.find(({ action }) => action === 'guest.asleep')
    expect(Number(asleep?.['expiresAtSeconds'])).toBeGreaterThan(Date.now() / 1000 + 300 * 86_400)
  })
})

describe('a place elsewhere falls asleep when somebody else could be the user from now on', () => {
  const target = async () => ({
    userId: partner.user.userId,
    keyId: partner.caller.subject.provenBy.keyId ?? '',
  })
  const deeds: [string, () => Promise<unknown>][] = [
    ['a new e-mail address', () => change({ email: 'new@partner.example' })],
    [
      'being enabled again',
      async () => {
        await change({ status: 'disabled' })
        await change({ status: 'active' })
      },
    ],
    [
      'a new credential',
      async () =>
        createCredential(
          scene.dependencies,
          await scene.admin(),
          partner.user.userId,
          { name: 'new', kind: 'key' },
          origin,
        ),
    ],
    [
      'an imported credential',
      async () =>
        importCredential(
          scene.dependencies,
          await scene.admin(),
          partner.user.userId,
          { name: 'old', kind: 'token', hash: randomBytes(32).toString('hex') },
          origin,
        ),
    ],
    [
      'a rotated credential',
      async () => rotateCredential(scene.dependencies, await scene.admin(), await target(), {}, origin),
    ],
  ]

  it.each(deeds)('by %s, until the host wakes it', async (_name, deed) => {
    await visit()
    const session = await scene.openSession(partner.user.userId)
    expect(await session()).toBe('allowed')
    await deed()
    expect(await statusHere()).toBe('asleep')
    // Of before it fell asleep, and of while it sleeps.
    expect(await session()).toBe('session_superseded')
    const asleep = await scene.openSession(partner.user.userId)
    expect(await asleep()).toBe('membership_inactive')
    // Neither the user nor its home wakes it.
    expect(await refusalCode(scene.accept(partner.caller))).toBe('not_found')
    expect(await refusalCode(wake(scene.admin()))).toBe('not_found')
    const rows = await scene.auditOf(scene.host.organizationId, partner.user.userId)
    expect(rows.filter(({ action }) => action === 'guest.asleep')).toMatchObject([
      { actor: { kind: 'organization', organizationId: scene.home.organizationId }, address: null },
    ])
    await wake()
    expect(await session()).toBe('session_superseded')
    expect(await (await scene.openSession(partner.user.userId))()).toBe('allowed')
  })

  it('also one that came while it was done', async () => {
    const { readMembers } = { readMembers: scene.dependencies.readMember }
    let isFirst = true
    const overtaken = {
      ...scene.dependencies,
      readMember: async (...asked: [string, string]) => {
        const read = await readMembers(...asked)
        if (isFirst) {
          isFirst = false
          await visit()
        }
        return read
      },
    }
    const body = { name: 'new', kind: 'key' } as const
    await createCredential(overtaken, await scene.admin(), partner.user.userId, body, origin)
    expect(await statusHere()).toBe('asleep')
    await wake()
    isFirst = true
    await remove()
    await changeUser(
      overtaken,
      await scene.admin(),
      partner.user.userId,
      { email: 'new@partner.example' },
      anything,
      origin,
    )
    expect(await statusHere()).toBe('asleep')
  })

  it('not when the user does it itself, nor by what proves nothing', async () => {
    await visit()
    const { caller } = partner
    const self = { ...caller, reach: 'organization' } as const
    await createCredential(
      scene.dependencies,
      self,
      caller.subject.userId,
      { name: 'x', kind: 'key' },
      origin,
    )
    await rotateCredential(scene.dependencies, self, await target(), {}, origin)
    await change({ description: 'x', timezone: 'Europe/Berlin' })
    await change({ whitelist: [], username: 'renamed' })
    const { keyId } = await target()
    await deleteCredential(
      scene.dependencies,
      await scene.admin(),
      { userId: caller.subject.userId, keyId },
      origin,
    )
    expect(await statusHere()).toBe('active')
    // The same address in other capitals reaches the same mailbox.
    await change({ email: 'PRIVATE@partner.example' })
    expect(await statusHere()).toBe('active')
  })

  it('is woken only by who holds what the place gives', async () => {
    await visit()
    await change({ email: 'new@partner.example' })
    const host = await scene.host.admin()
    const clerk = async (username: string, endpoints: string[]) => {
      const { credential } = await createUser(
        scene.dependencies,
        host,
        { username, generate: 'token', permissions: { 'postern-users': 'write' }, endpoints },
        origin,
      )
      return callerWith(scene.table, credential?.token ?? '')
    }
    expect(await refusalCode(wake(clerk('clerk', ['POST /stock'])))).toBe('grant_not_held')
    expect(await statusHere()).toBe('asleep')
    expect(await refusalCode(wake(clerk('keeper', ['* /stock'])))).toBe('ok')
    expect(await refusalCode(wake(clerk('late', ['* /stock'])))).toBe('not_found')
  })
})

describe('leaving', () => {
  it('needs no right, also from a place that sleeps, and never leaves one’s home', async () => {
    await visit()
    await change({ email: 'new@partner.example' })
    const bare = await scene.make({ username: 'bare' })
    expect(await refusalCode(scene.leave(bare.caller))).toBe('not_found')
    expect(await refusalCode(scene.leave(partner.caller, scene.home.organizationId))).toBe('self_lockout')
    await scene.leave(partner.caller)
    expect(await statusHere()).toBeUndefined()
  })

  it('is no way back: a place made anew is another one, and no session of the old one fits', async () => {
    await visit()
    const old = await scene.openSession(partner.user.userId)
    expect(await old()).toBe('allowed')
    for (const end of [() => scene.leave(partner.caller), () => remove()]) {
      await end()
      expect(await old()).toBe('membership_missing')
      await visit()
      expect(await old()).toBe('session_superseded')
      expect(await (await scene.openSession(partner.user.userId))()).toBe('allowed')
    }
  })

  it('is no way back for who read the old place: a change meant for it does not reach the new one', async () => {
    await visit()
    const { readMember } = scene.dependencies
    let isFirst = true
    const overtaken = {
      ...scene.dependencies,
      readMember: async (...asked: [string, string]) => {
        const read = await readMember(...asked)
        if (isFirst) {
          isFirst = false
          await scene.leave(partner.caller)
          // Invited once more, and brought to the version that the old place had, but not accepted.
          await scene.invite('partner')
          await changeUser(
            scene.dependencies,
            await scene.host.admin(),
            partner.user.userId,
            { rateLimitPerMinute: 5 },
            anything,
            origin,
          )
        }
        return read
      },
    }
    const host = await scene.host.admin()
    await changeUser(overtaken, host, partner.user.userId, { endpoints: [] }, anything, origin)
    expect(await statusHere()).toBe('invited')
    isFirst = true
    await scene.accept(partner.caller)
    const leave = leavePlace(overtaken, partner.caller, scene.host.organizationId, origin)
    expect(await refusalCode(leave)).toBe('version_conflict')
    expect(await statusHere()).toBe('invited')
  })
})

describe('the audit of the other organization', () => {
  it('has who accepted and who left, and neither the key nor the vendor of the place that the user came from', async () => {
    const { dependencies, host, home } = scene
    const { vendorId } = await createIntegrationVendor(dependencies, await scene.admin(), 'Acme', origin)
    await change({ integrationVendor: vendorId })
    const atHome = async () => callerWith(scene.table, partner.token)
    await scene.invite('partner', offered)
    await scene.accept(await atHome())
    await scene.leave(await atHome())
    const actorsIn = async (organizationId: string) =>
      (await scene.auditOf(organizationId, partner.user.userId))
        .filter(({ action }) => action === 'guest.accepted' || action === 'guest.left')
        .map(({ actor }) => actor)
    const who = { kind: 'user', userId: partner.user.userId }
    const keyId = partner.caller.subject.provenBy.keyId
    const whole = { ...who, keyId, integrationVendor: vendorId }
    expect(await actorsIn(home.organizationId)).toMatchObject([whole, whole])
    const outside = { ...who, keyId: null, integrationVendor: null }
    expect(await actorsIn(host.organizationId)).toMatchObject([outside, outside])
  })
})

describe('the host', () => {
  it('changes nothing of the user but its place, whoever asks', async () => {
    await visit()
    const host = await scene.host.admin()
    const { userId } = partner.user
    const keyId = partner.caller.subject.provenBy.keyId ?? ''
    const hash = randomBytes(32).toString('hex')
    const attempts = [
      () => change({ email: 'mine@host.example' }, scene.host.admin()),
      () => change({ status: 'disabled' }, scene.host.admin()),
      () => change({ username: 'mine' }, scene.host.admin()),
      () => change({ whitelist: [] }, scene.host.admin()),
      () => change({ loginAccountGroup: 1 }, scene.host.admin()),
      () => createCredential(scene.dependencies, host, userId, { name: 'x', kind: 'key' }, origin),
      () => importCredential(scene.dependencies, host, userId, { name: 'x', kind: 'token', hash }, origin),
      () => rotateCredential(scene.dependencies, host, { userId, keyId }, {}, origin),
      () => deleteCredential(scene.dependencies, host, { userId, keyId }, origin),
    ]
    for (const [index, attempt] of attempts.entries())
      expect([index, await refusalCode(attempt())]).toEqual([index, 'guest_not_editable'])
    const before = showOwnUser(partner.caller).user
    const after = showOwnUser(await callerWith(scene.table, partner.token)).user
    // Only that it has a place more was written.
    expect({ ...after, guestCount: 0 }).toEqual({ ...before, guestCount: 0 })
  })

  it('changes no password: a guest in its session there changes it at home, by that one’s rules', async () => {
    await visit()
    const host = await scene.host.admin()
    const membership = await scene.placeOf(partner.user.userId, scene.host.organizationId)
    if (membership === undefined) throw new Error('the guest has no place')
    const { subject, snapshot } = partner.caller
    const asGuest = {
      ...partner.caller,
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
      },
      asGuest,
      body,
      origin,
    )
    expect(await refusalCode(attempt)).toBe('guest_not_editable')
  })

  it('never makes a guest its administrator that counts, nor one who acts', async () => {
    await scene.invite('partner', { role: 'Admin', impersonation: 'full' })
    await scene.accept(partner.caller)
    const victim = await scene.make({ username: 'victim' })
    const attempt = createUser(
      scene.dependencies,
      await scene.host.admin(),
      { username: 'actor', impersonation: 'selected', impersonationTargets: [partner.user.userId] },
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
