import { beforeEach, describe, expect, it } from 'vitest'
import { readCredentials } from '../../lib/credentials/credential-store.ts'
import { createCredential } from '../../lib/credentials/manage-credentials.ts'
import { impersonationFor } from '../../lib/policy/impersonation-fields.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { userView } from '../../lib/users/user-view.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from './access-scene.ts'
import { accessScene, refusal } from './access-scene.ts'

let scene: AccessScene

beforeEach(async () => {
  scene = await accessScene()
})

const change = async (userId: UserId, fields: UserChange, caller = scene.admin()) => {
  const { dependencies } = scene
  const member = await changeUser(
    dependencies,
    await caller,
    userId,
    fields,
    { version: null, ifMatch: null },
    origin,
  )
  return userView(member, await scene.policy())
}

describe('impersonation', () => {
  it('is none at first, and may be given with a new user or later', async () => {
    const target = await scene.make({ username: 'target' })
    const { user } = await scene.make({ username: 'plain' })
    expect([user.impersonation, user.impersonationTargets]).toEqual(['none', []])
    const system = await scene.make({ username: 'system', impersonation: 'selected' })
    expect([system.user.impersonation, system.user.impersonationTargets]).toEqual(['selected', []])
    const changed = await change(system.user.userId, { impersonationTargets: [target.user.userId] })
    expect(changed.impersonationTargets).toEqual([target.user.userId])
    const full = await scene.make({ username: 'full', impersonation: 'full' })
    expect(full.user.impersonation).toBe('full')
  })

  it('of users who are not here, or of oneself, is refused and named', async () => {
    const { user } = await scene.make({ username: 'system', impersonation: 'selected' })
    const targets = [scene.administratorId, user.userId, 'usr_0000000000000000' as const]
    const refused = await refusal(change(user.userId, { impersonationTargets: targets }))
    expect([refused.code, refused.paths]).toEqual([
      'invalid_request',
      ['impersonationTargets.1', 'impersonationTargets.2'],
    ])
    const created = await refusal(
      scene.make({
        username: 'other',
        impersonation: 'selected',
        impersonationTargets: ['usr_0000000000000000' as const],
      }),
    )
    expect(created.paths).toEqual(['impersonationTargets.0'])
  })

  it('forgets its targets when it is not of selected users any more', async () => {
    const target = await scene.make({ username: 'target' })
    const targets = [target.user.userId]
    const { user } = await scene.make({
      username: 'system',
      impersonation: 'selected',
      impersonationTargets: targets,
    })
    expect((await change(user.userId, { impersonation: 'none' })).impersonationTargets).toEqual([])
    expect((await change(user.userId, { impersonation: 'selected' })).impersonationTargets).toEqual([])
    const refused = await refusal(
      change(user.userId, { impersonation: 'full', impersonationTargets: targets }),
    )
    expect(refused.paths).toEqual(['impersonationTargets'])
  })

  it('is left alone by a change that does not name it', () => {
    const before = { impersonation: 'selected' as const, impersonationTargets: ['usr_1' as const] }
    expect(impersonationFor({}, before)).toBeUndefined()
    expect(impersonationFor({ impersonation: 'selected' }, before)).toEqual(before)
  })

  it('is given, changed and taken over only by somebody who holds everything (U3)', async () => {
    const { token } = await scene.make({ username: 'manager', role: 'Account Admin' })
    const manager = () => scene.callerWith(token)
    const { user } = await scene.make({ username: 'plain' })
    const attempt = async (userId: UserId, fields: UserChange) =>
      (await refusal(change(userId, fields, manager()))).code
    expect(await attempt(user.userId, { impersonation: 'full' })).toBe('grant_not_held')
    expect(await attempt(user.userId, { impersonation: 'selected' })).toBe('grant_not_held')
    expect(await attempt(user.userId, { description: 'mine' })).toBe('ok')
    await change(user.userId, { impersonation: 'full' })
    // Whoever may change it, or make a key for it, could act as everybody.
    expect(await attempt(user.userId, { description: 'x' })).toBe('grant_not_held')
    expect(await attempt(user.userId, { impersonation: 'none' })).toBe('grant_not_held')
    const key = createCredential(
      { ...scene.dependencies, readCredentials: (userId) => readCredentials(scene.table, userId) },
      await manager(),
      user.userId,
      { name: 'mine', kind: 'token' },
      origin,
    )
    expect((await refusal(key)).code).toBe('grant_not_held')
  })
})

describe('the login account group', () => {
  it('must be one of the organization, for a new user and for a change', async () => {
    const { user } = await scene.make({ username: 'member', loginAccountGroup: 1 })
    expect(user.loginAccountGroup).toBe(1)
    expect((await change(user.userId, { loginAccountGroup: null })).loginAccountGroup).toBeNull()
    expect((await refusal(change(user.userId, { loginAccountGroup: 7 }))).paths).toEqual([
      'loginAccountGroup',
    ])
    expect((await refusal(scene.make({ username: 'x', loginAccountGroup: 7 }))).paths).toEqual([
      'loginAccountGroup',
    ])
  })
})
