import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { changeCredential } from '../../lib/credentials/change-credential.ts'
import type { CredentialChange } from '../../lib/credentials/credential-bodies.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { resetFactors } from '../../lib/factors/change-factors.ts'
import { factorsWrite } from '../../lib/factors/enroll-factor.ts'
import type { StoredTotp } from '../../lib/factors/stored-factors.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import type { VisitScene } from './membership-scene.ts'
import { anything, offered, visitScene } from './membership-scene.ts'

let scene: VisitScene

beforeEach(async () => {
  scene = await visitScene()
})

/** As if its seven days were over. */
const endInvitation = (organizationId: OrganizationId) =>
  scene.dependencies.write([
    {
      label: 'invitation',
      update: keys.membership(scene.partner.user.userId, organizationId),
      set: 'SET invitedUntilSeconds = :past',
      values: { ':past': 1 },
    },
  ])

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

describe('a membership in another organization is suspended when somebody else could act as the user from now on', () => {
  const target = async () => ({
    userId: scene.partner.user.userId,
    keyId: scene.partner.caller.subject.provenBy.keyId ?? ('key_' as const),
  })
  const deeds: [string, () => Promise<unknown>][] = [
    ['a new e-mail address', () => scene.change({ email: 'new@partner.example' })],
    [
      'being enabled again',
      async () => {
        await scene.change({ status: 'disabled' })
        await scene.change({ status: 'active' })
      },
    ],
    [
      'a new credential',
      async () =>
        createCredential(
          scene.dependencies,
          await scene.admin(),
          scene.partner.user.userId,
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
          scene.partner.user.userId,
          { name: 'old', kind: 'token', hash: randomBytes(32).toString('hex') },
          origin,
        ),
    ],
    [
      'a reset of its second factors',
      async () => {
        const { userId } = scene.partner.user
        const app: StoredTotp = {
          ...{ factorId: 'fac_1', factorKind: 'totp', name: 'Phone', sealedSecret: '', lastStep: 0 },
          ...{ createdAt: '2026-11-22T10:00:00.000Z', lastUsedAt: null },
        }
        const after = { factors: [app], recoveryCodes: [] }
        await scene.dependencies.write([factorsWrite(null, userId, after)])
        await resetFactors(scene.dependencies, await scene.admin(), userId, origin)
      },
    ],
    [
      'a credential that lives longer, not by one that ends earlier or stays active',
      async () => {
        const change = async (fields: CredentialChange) =>
          changeCredential(scene.dependencies, await scene.admin(), await target(), fields, origin)
        await change({ expiresAt: '2126-01-01T00:00:00Z', status: 'active' })
        expect(await scene.statusHere()).toBe('active')
        await change({ expiresAt: null })
      },
    ],
    [
      'a rotated credential',
      async () => rotateCredential(scene.dependencies, await scene.admin(), await target(), {}, origin),
    ],
  ]

  it.each(deeds)('by %s, until the host confirms it', async (_name, deed) => {
    await scene.visit()
    const session = await scene.openSession(scene.partner.user.userId)
    expect(await session()).toBe('allowed')
    await deed()
    expect(await scene.statusHere()).toBe('suspended')
    // Of before it was suspended, and of while it is.
    expect(await session()).toBe('session_superseded')
    const suspended = await scene.openSession(scene.partner.user.userId)
    expect(await suspended()).toBe('membership_inactive')
    // Neither the user nor its home confirms it.
    expect(await refusalCode(scene.accept(scene.partner.caller))).toBe('not_found')
    expect(await refusalCode(scene.confirm(scene.admin()))).toBe('not_found')
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    expect(rows.filter(({ action }) => action === 'guest.suspended')).toMatchObject([
      { actor: { kind: 'organization', organizationId: scene.home.organizationId }, address: null },
    ])
    const { membership } = await scene.confirm()
    expect(membership).toEqual(await scene.membershipOf(scene.partner.user.userId, scene.host.organizationId))
    expect(membership.status).toBe('active')
    expect(await session()).toBe('session_superseded')
    expect(await (await scene.openSession(scene.partner.user.userId))()).toBe('allowed')
  })

  it('also one that came while it was done', async () => {
    const { readMembers } = { readMembers: scene.dependencies.readMember }
    let isFirst = true
    const overtaken = {
      ...scene.dependencies,
      readMember: async (...asked: [UserId, OrganizationId]) => {
        const read = await readMembers(...asked)
        if (isFirst) {
          isFirst = false
          await scene.visit()
        }
        return read
      },
    }
    const body = { name: 'new', kind: 'key' } as const
    await createCredential(overtaken, await scene.admin(), scene.partner.user.userId, body, origin)
    expect(await scene.statusHere()).toBe('suspended')
    await scene.confirm()
    isFirst = true
    await scene.remove()
    await changeUser(
      overtaken,
      await scene.admin(),
      scene.partner.user.userId,
      { email: 'new@partner.example' },
      anything,
      origin,
    )
    expect(await scene.statusHere()).toBe('suspended')
  })

  it('with open invitations, which end, while those that are suspended or have ended stay as they are', async () => {
    const { partner, host, change, invite, membershipOf, makeHost } = scene
    const { userId } = partner.user
    const membershipAt = (organizationId: OrganizationId) => membershipOf(userId, organizationId)
    await scene.visit()
    await change({ email: 'first@partner.example' })
    const [active, open, late] = [await makeHost('active'), await makeHost('open'), await makeHost('late')]
    for (const { admin } of [active, open, late]) await invite('partner', {}, admin())
    await scene.accept(partner.caller, active.organizationId)
    await endInvitation(late.organizationId)
    const before = await Promise.all([host, late].map(({ organizationId }) => membershipAt(organizationId)))
    await change({ email: 'second@partner.example' })
    expect(await Promise.all([host, late].map(({ organizationId }) => membershipAt(organizationId)))).toEqual(
      before,
    )
    expect(await membershipAt(active.organizationId)).toMatchObject({ status: 'suspended' })
    const changesAt = async ({ organizationId }: { organizationId: OrganizationId }) =>
      (await scene.auditOf(organizationId, userId)).filter(({ action }) => action === 'guest.suspended')
    expect(await changesAt(host)).toHaveLength(1)
    expect(await changesAt(late)).toEqual([])
    expect(await changesAt(active)).toMatchObject([
      { changes: [{ field: 'membership', before: 'active', after: 'suspended' }] },
    ])
    const [ended] = await changesAt(open)
    expect(ended).toMatchObject({ changes: [{ field: 'membership', before: 'invited', after: 'ended' }] })
    expect(await membershipAt(open.organizationId)).toMatchObject({
      status: 'invited',
      invitedUntilSeconds: Math.floor(Date.parse(String(ended?.['at'])) / 1000),
    })
  })

  it('with an invitation in the place of an ended one, which came while it was done', async () => {
    const { partner, host, dependencies } = scene
    await scene.invite('partner', offered)
    await endInvitation(host.organizationId)
    let isFirst = true
    const overtaken = {
      ...dependencies,
      readMemberships: async (userId: UserId) => {
        const read = await dependencies.readMemberships(userId)
        if (isFirst) {
          isFirst = false
          await scene.remove()
          await scene.visit()
        }
        return read
      },
    }
    const body = { name: 'new', kind: 'key' } as const
    await createCredential(overtaken, await scene.admin(), partner.user.userId, body, origin)
    expect(await scene.statusHere()).toBe('suspended')
  })

  it('not when the user does it itself, nor by what proves nothing', async () => {
    await scene.visit()
    const { caller } = scene.partner
    const self = { ...caller, reach: 'organization' } as const
    await createCredential(
      scene.dependencies,
      self,
      caller.subject.userId,
      { name: 'x', kind: 'key' },
      origin,
    )
    await rotateCredential(scene.dependencies, self, await target(), {}, origin)
    await scene.change({ description: 'x', timezone: 'Europe/Berlin' })
    await scene.change({ whitelist: [], username: 'renamed' })
    const { keyId } = await target()
    await deleteCredential(
      scene.dependencies,
      await scene.admin(),
      { userId: caller.subject.userId, keyId },
      origin,
    )
    expect(await scene.statusHere()).toBe('active')
    // The same address in other capitals reaches the same mailbox.
    await scene.change({ email: 'PRIVATE@partner.example' })
    expect(await scene.statusHere()).toBe('active')
  })

  it('is confirmed only by a caller who holds what the membership grants', async () => {
    await scene.visit()
    await scene.change({ email: 'new@partner.example' })
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
    expect(await refusalCode(scene.confirm(clerk('clerk', ['POST /stock'])))).toBe('grant_not_held')
    expect(await scene.statusHere()).toBe('suspended')
    expect(await refusalCode(scene.confirm(clerk('keeper', ['* /stock'])))).toBe('ok')
    expect(await refusalCode(scene.confirm(clerk('late', ['* /stock'])))).toBe('not_found')
  })
})
