import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { invitationSeconds } from '../../lib/guests/membership-acceptance.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import { wordNames } from '../../lib/table/schema.ts'
import { findUsers } from '../../lib/users/find-users.ts'
import { listUsers } from '../../lib/users/list-users.ts'
import type { UserListQuery } from '../../lib/users/user-list-query.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import type { VisitScene } from './membership-scene.ts'
import { offered, visitScene } from './membership-scene.ts'

let scene: VisitScene

beforeEach(async () => {
  scene = await visitScene(['directory', ...wordNames])
})

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

describe('an invitation', () => {
  it('gives nothing before the user accepts it, and what was offered from then on', async () => {
    const { membership } = await scene.invite('partner', offered)
    expect(membership).toBe('invited')
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
      refusalCode(acceptOwnInvitation(at(seconds), scene.partner.caller, scene.host.organizationId, origin))
    expect(await accept(invitationSeconds + 1)).toBe('not_found')
    expect(await refusalCode(scene.confirm())).toBe('not_found')
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
    expect(await refusalCode(scene.confirm())).toBe('not_found')
    const rows = await scene.auditOf(scene.host.organizationId, scene.partner.user.userId)
    expect(rows.at(-1)).toMatchObject({
      action: 'guest.suspended',
      actor: { kind: 'organization', organizationId: scene.home.organizationId, userId: null },
      changes: [{ field: 'membership', before: 'invited', after: 'ended' }],
    })
  })

  it('shows the host nothing of the user but the name, by no filter either, and no row of the audit', async () => {
    await scene.change({ status: 'disabled' })
    const shown = await scene.invite('partner', offered)
    const { userId, version, ...rest } = shown
    const nothing = {
      ...{ username: 'partner', name: 'partner', firstName: '', lastName: '', description: '' },
      ...{ email: null, emailVerified: false, status: 'active', membership: 'invited', accessLevel: 'api' },
      ...{ timezone: 'UTC', location: '', whitelist: [], lastLoginAt: null, lastUsedAt: null },
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
    expect(rows.map(({ action }) => action)).toEqual(['guest.invited', 'guest.suspended', 'guest.left'])
    expect(JSON.stringify(rows.at(-1))).not.toContain(scene.partner.caller.subject.provenBy.keyId)
    expect(rows.at(-1)).toMatchObject({ address: null, actor: { kind: 'organization', userId: null } })
  })

  it('is accepted once, while it is declined, taken back or suspended at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      await scene.invite('partner', offered)
      const outcomes = await Promise.all([
        refusalCode(scene.accept(scene.partner.caller)),
        refusalCode(round % 2 === 0 ? scene.leave(scene.partner.caller) : scene.remove()),
        refusalCode(scene.change({ email: `round-${round}@partner.example` })),
      ])
      expect(outcomes[2]).toBe('ok')
      // Whatever won: a membership that is active now was accepted after the address was set, and it never is here.
      expect(['suspended', 'invited', undefined]).toContain(await scene.statusHere())
      expect(await refusalCode(scene.accept(scene.partner.caller))).toBe('not_found')
      if ((await scene.statusHere()) !== undefined) await scene.remove()
    }
  })
})
