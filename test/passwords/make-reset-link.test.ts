import { beforeEach, describe, expect, it } from 'vitest'
import { deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { administratorRoleIds } from '../../lib/decision/role.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import { readMember } from '../../lib/identity/user-store.ts'
import { completeReset } from '../../lib/passwords/complete-reset.ts'
import { makeResetLink } from '../../lib/passwords/make-reset-link.ts'
import { readReset } from '../../lib/passwords/reset-token-store.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { replaceRoles } from '../../lib/users/replace-roles.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'
import { wrongCounts } from '../users/true-counts.ts'

let scene: AccessScene
let now: number

beforeEach(async () => {
  scene = await accessScene()
  now = Date.now()
})

const issuer = 'https://postern.example'
const dependencies = () => ({ ...scene.dependencies, issuer, now: () => now })
const make = async (userId: UserId, by = scene.admin()) => {
  const { link, expiresAt } = await makeResetLink(dependencies(), await by, userId, origin)
  const { searchParams, origin: host } = new URL(link)
  expect(host).toBe(issuer)
  return { token: searchParams.get('token') ?? '', expiresAt }
}
const newPassword = 'an entirely new passphrase'
/** @param during happens while the new password is hashed. */
const complete = (token: string, during: () => Promise<unknown> = () => Promise.resolve()) =>
  completeReset(
    {
      ...dependencies(),
      hasher: {
        hash: async (text) => {
          await during()
          return await scene.dependencies.hasher.hash(text)
        },
      },
      readReset: (of) => readReset(scene.table, of),
      countAttempt: () => Promise.resolve(1),
    },
    { token, newPassword, confirmPassword: newPassword },
    origin,
  )
const set = (userId: UserId, change: string, value: unknown) =>
  scene.dependencies.write([
    { label: 'user', update: keys.user(userId), set: change, values: { ':value': value } },
  ])
const stored = async (userId: UserId) => (await readMember(scene.table, userId, scene.organizationId))?.user

describe('a link that an administrator makes', () => {
  it('sets the password of a user without an e-mail, once, within 1000 seconds', async () => {
    const { user } = await scene.make({ username: 'no-mail' })
    const { token, expiresAt } = await make(user.userId)
    expect(Date.parse(expiresAt) - now).toBeLessThanOrEqual(1_000_000)
    expect(Date.parse(expiresAt) - now).toBeGreaterThan(998_000)
    expect(await complete(token)).toMatchObject({ isFirst: true, isNoticed: false })
    expect(await stored(user.userId)).toMatchObject({ hasPassword: true, emailVerified: false })
    expect(await refusalCode(complete(token))).toBe('reset_token_invalid')
    const late = await make(user.userId)
    now += 1_000_000
    expect(await refusalCode(complete(late.token))).toBe('reset_token_invalid')
    expect(await wrongCounts(scene.table)).toEqual([])
  })

  it('ends when a newer one is made, or the address changes; and verifies no address', async () => {
    const { user } = await scene.make({ username: 'with-mail', email: 'with@mail.example' })
    const [older, newer] = [await make(user.userId), await make(user.userId)]
    expect(await refusalCode(complete(older.token))).toBe('reset_token_invalid')
    await complete(newer.token)
    expect(await stored(user.userId)).toMatchObject({ hasPassword: true, emailVerified: false })
    const ofUser = (await allItems(scene.table)).filter((item) => JSON.stringify(item).includes(user.userId))
    expect(ofUser).not.toContainEqual(expect.objectContaining({ kind: 'email-entry', verified: true }))
    expect(ofUser.filter(({ action }) => action === 'password.reset')).toMatchObject([
      { changes: [{ field: 'hasPassword', before: false, after: true }] },
    ])
    const stale = await make(user.userId)
    await set(user.userId, 'SET email = :value', 'other@mail.example')
    expect(await refusalCode(complete(stale.token))).toBe('reset_token_invalid')
  })

  it('is made of the user that was read, and audited', async () => {
    const { user } = await scene.make({ username: 'raced' })
    const makeAfter = (change: () => Promise<unknown>) =>
      makeResetLink(
        {
          ...dependencies(),
          readMember: async (...wanted) => {
            const member = await scene.dependencies.readMember(...wanted)
            await change()
            return member
          },
        },
        admin,
        user.userId,
        origin,
      )
    const admin = await scene.admin()
    for (const field of ['version', 'guestCount']) {
      const changed = makeAfter(() => set(user.userId, `SET ${field} = ${field} + :value`, 1))
      expect([field, await refusalCode(changed)]).toEqual([field, 'version_conflict'])
    }
    await set(user.userId, 'SET guestCount = :value', 0)
    expect(await readItem(scene.table, keys.resetToken(user.userId))).toBeUndefined()
    await make(user.userId)
    const rows = (await allItems(scene.table)).filter(({ action }) => action === 'password-reset.link-made')
    expect(rows).toMatchObject([
      {
        organizationId: scene.organizationId,
        actor: { kind: 'user', userId: scene.administratorId },
        targetUserId: user.userId,
        ...origin,
      },
    ])
  })

  it('counts its user by the roles and credentials of the moment at which it is used', async () => {
    const { user } = await scene.make({ username: 'promoted' })
    const [credential] = await scene.dependencies.readCredentials(user.userId)
    const own = { userId: user.userId, keyId: credential?.keyId ?? ('key_' as const) }
    const { token } = await make(user.userId)
    const during: (() => Promise<unknown>)[] = [
      async () => await deleteCredential(scene.dependencies, await scene.admin(), own, origin),
      async () => {
        const roles = {
          allAccountGroupRoles: [{ roleId: administratorRoleIds[0] ?? 0 }],
          accountGroupRoles: [],
        }
        return await replaceRoles(scene.dependencies, await scene.admin(), user.userId, roles, origin)
      },
    ]
    for (const [index, change] of during.entries()) {
      expect([index, await refusalCode(complete(token, change))]).toEqual([index, 'reset_token_invalid'])
      expect(await wrongCounts(scene.table)).toEqual([])
    }
    await complete(token)
    expect(await wrongCounts(scene.table)).toEqual([])
  })

  it('counts an administrator who gets a way in by it', async () => {
    const { user } = await scene.make({ username: 'locked-out', role: 'Admin' })
    const [credential] = await scene.dependencies.readCredentials(user.userId)
    const target = { userId: user.userId, keyId: credential?.keyId ?? ('key_' as const) }
    await deleteCredential(scene.dependencies, await scene.admin(), target, origin)
    expect(await wrongCounts(scene.table)).toEqual([])
    await complete((await make(user.userId)).token)
    expect(await wrongCounts(scene.table)).toEqual([])
  })

  it('is not for a lesser one, not for oneself, not for guests, not for the disabled', async () => {
    const { user } = await scene.make({ username: 'target', permissions: { orders: 'read' } })
    const { token, user: helper } = await scene.make({
      username: 'helper',
      permissions: { 'postern-credentials': 'write', 'postern-users': 'write' },
    })
    expect(await refusalCode(make(user.userId, scene.callerWith(token)))).toBe('grant_not_held')
    expect(await refusalCode(make(scene.administratorId, scene.callerWith(token)))).toBe('grant_not_held')
    expect(await refusalCode(make(helper.userId, scene.callerWith(token)))).toBe('access_denied')
    const body = { username: 'off', status: 'disabled' } as const
    const off = await createUser(scene.dependencies, await scene.admin(), body, origin)
    expect(await refusalCode(make(off.user.userId))).toBe('invalid_request')
    const other = await scene.makeOrganization('host')
    await createUser(scene.dependencies, await other.admin(), { username: 'target' }, origin)
    expect(await refusalCode(make(user.userId, other.admin()))).toBe('guest_not_editable')
  })

  it('suspends the memberships in other organizations, and gives no access to one that is accepted later', async () => {
    const { user, caller } = await scene.make({ username: 'traveller' })
    const other = await scene.makeOrganization('other')
    const invite = async () => {
      await createUser(scene.dependencies, await other.admin(), { username: 'traveller' }, origin)
    }
    await invite()
    const { token } = await make(user.userId)
    expect(
      await refusalCode(acceptOwnInvitation(scene.dependencies, caller, other.organizationId, origin)),
    ).toBe('not_found')
    await complete(token)
    const third = await scene.makeOrganization('third')
    const early = await make(user.userId)
    await createUser(scene.dependencies, await third.admin(), { username: 'traveller' }, origin)
    await acceptOwnInvitation(scene.dependencies, caller, third.organizationId, origin)
    expect(await refusalCode(complete(early.token))).toBe('reset_token_invalid')
  })
})
