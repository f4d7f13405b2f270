import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPasswordHash } from '../../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import { changePassword } from '../../lib/passwords/change-password.ts'
import { showOwnUser } from '../../lib/policy/show-user.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import type { VisitScene } from './membership-scene.ts'
import { anything, visitScene } from './membership-scene.ts'

let scene: VisitScene

beforeEach(async () => {
  scene = await visitScene()
})

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

describe('the host', () => {
  it('changes nothing of the user but its membership, whoever asks', async () => {
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
    // Only the count of its memberships was written, and the use of its token.
    expect({ ...after, guestCount: 0, lastUsedAt: null }).toEqual({
      ...before,
      guestCount: 0,
      lastUsedAt: null,
    })
  })

  it('changes no password: a guest in its session there changes it at home, by that one’s rules', async () => {
    await scene.visit()
    const host = await scene.host.admin()
    const membership = await scene.membershipOf(scene.partner.user.userId, scene.host.organizationId)
    if (membership === undefined) throw new Error('the guest has no membership')
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

  it('cannot keep the home organization from disabling the user, by changing its membership all the time', async () => {
    await scene.invite('partner')
    await scene.accept(scene.partner.caller)
    const host = await scene.host.admin()
    const { userId } = scene.partner.user
    const change = (permissions: Record<string, 'read'>) =>
      changeUser(scene.dependencies, host, userId, { permissions }, anything, origin)
    let changes = 0
    const dependencies = {
      ...scene.dependencies,
      readMemberships: async (id: typeof userId) => {
        const memberships = await scene.dependencies.readMemberships(id)
        changes += 1
        await change(changes % 2 === 0 ? {} : { 'postern-audit': 'read' })
        return memberships
      },
    }
    const ifUnchanged = { version: null, ifMatch: scene.partner.user.version }
    await changeUser(dependencies, await scene.admin(), userId, { status: 'disabled' }, ifUnchanged, origin)
    expect(changes).toBe(1)
    const there = await scene.membershipOf(userId, scene.host.organizationId)
    expect(there).toMatchObject({ shownStatus: 'disabled', permissions: { 'postern-audit': 'read' } })
    expect(there?.hasOwnGrants).toBe(true)
  })

  it('finds a guest by rights of its own that it got while it accepted', async () => {
    const { userId } = await scene.invite('partner')
    const readMember: typeof scene.dependencies.readMember = async (...wanted) => {
      const member = await scene.dependencies.readMember(...wanted)
      await scene.change({ permissions: { 'postern-audit': 'read' } }, scene.host.admin())
      return member
    }
    const { organizationId } = scene.host
    const dependencies = { ...scene.dependencies, readMember }
    await acceptOwnInvitation(dependencies, scene.partner.caller, organizationId, origin)
    expect(await scene.membershipOf(userId, organizationId)).toMatchObject({
      ...{ status: 'active', shownStatus: 'active', hasOwnGrants: true },
      permissions: { 'postern-audit': 'read' },
    })
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
    expect(await scene.membershipOf(victim.user.userId, scene.host.organizationId)).toBeUndefined()
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
