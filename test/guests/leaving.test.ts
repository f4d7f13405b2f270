import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { leaveOrganization } from '../../lib/guests/memberships.ts'
import { versionOf } from '../../lib/identity/member.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { origin } from '../organizations/organization.ts'
import { wrongCounts } from '../users/true-counts.ts'
import type { VisitScene } from './membership-scene.ts'
import { anything, visitScene } from './membership-scene.ts'

let scene: VisitScene

beforeEach(async () => {
  scene = await visitScene()
})

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

describe('leaving', () => {
  it('needs no right, even while the membership is suspended, and never leaves one’s home', async () => {
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

  it('is no way back: a membership that is created again is another one, and no session of the old one is valid', async () => {
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

  it('leaves no version of the user at the host behind that comes again', async () => {
    const seen = new Set<number>()
    const host = await scene.host.admin()
    const { userId } = scene.partner.user
    const version = async () => {
      const member = await scene.dependencies.readMember(userId, scene.host.organizationId)
      return member === undefined ? -1 : versionOf(member)
    }
    for (const end of [() => scene.leave(scene.partner.caller), () => scene.remove()]) {
      for (const step of [() => scene.invite('partner'), () => scene.accept(scene.partner.caller)]) {
        await step()
        seen.add(await version())
      }
      await end()
    }
    expect(seen.size).toBe(4)
    await scene.visit()
    for (const old of seen) {
      const expected = { version: old, ifMatch: null }
      const change = changeUser(scene.dependencies, host, userId, { endpoints: [] }, expected, origin)
      expect(await refusalCode(change)).toBe('version_conflict')
    }
  })

  it('is no way back for who read the old membership: a change meant for it does not reach the new one', async () => {
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
          // Invited once more, and brought to the version that the old membership had, but not accepted.
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
    const leave = leaveOrganization(overtaken, scene.partner.caller, scene.host.organizationId, origin)
    expect(await refusalCode(leave)).toBe('version_conflict')
    expect(await scene.statusHere()).toBe('invited')
  })
})
