import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ManagementSection } from '../../lib/contract/endpoint.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  rotateCredential,
} from '../../lib/credentials/manage-credentials.ts'
import { createRole } from '../../lib/policy/manage-roles.ts'
import type { KeyId, UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { replaceWhitelist } from '../../lib/users/manage-whitelist.ts'
import { replaceRoles } from '../../lib/users/replace-roles.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems } from '../fresh-table.ts'
import type { MembershipScene } from '../guests/membership-scene.ts'
import { anything, membershipScene } from '../guests/membership-scene.ts'
import { madeOnce } from '../made-once.ts'
import { callerWith, origin } from '../organizations/organization.ts'
import { putAnything } from '../table/put-anything.ts'
import { wrongCounts } from '../users/true-counts.ts'

let scene: MembershipScene
/** Who manages users and their credentials, and may itself read the orders. */
let clerk: Awaited<ReturnType<MembershipScene['make']>>
/** May write them. */
let writer: Awaited<ReturnType<MembershipScene['make']>>

const management = {
  'postern-users': 'write',
  'postern-credentials': 'write',
  'postern-whitelist': 'write',
} as const

beforeEach(async () => {
  scene = await membershipScene()
  const made = await madeOnce('clerk and writer', scene.table, newCallers)
  clerk = made.clerk
  writer = made.writer
})

const newCallers = async () => {
  const roles = [
    { name: 'Writer', permissions: { orders: 'write' } },
    { name: 'Actor', impersonation: 'selected' },
  ] as const
  for (const role of roles) await createRole(scene.dependencies, await scene.admin(), role, origin)
  return {
    clerk: await scene.make({ username: 'clerk', permissions: { ...management, orders: 'read' } }),
    writer: await scene.make({
      username: 'writer',
      email: 'writer@example.com',
      permissions: { orders: 'write' },
    }),
  }
}

afterEach(async () => expect(await wrongCounts(scene.table)).toEqual([]))

const as = (token: string, section?: ManagementSection) => callerWith(scene.table, token, section)
const change = async (userId: UserId, fields: UserChange, by?: Caller) =>
  changeUser(scene.dependencies, by ?? (await as(clerk.token)), userId, fields, anything, origin)
const rowsOf = async (userId: UserId) =>
  (await allItems(scene.table)).filter(({ pk }) => pk === `USER#${userId}`)
const codeOf = async (attempt: Promise<unknown>) => await refusalCode(attempt)

/** What the clerk does not hold, in each form in which a request can give it. */
const beyond: [string, Partial<NewUserBody>][] = [
  ['a level', { permissions: { orders: 'write' } }],
  ['a section of Postern', { permissions: { 'postern-audit': 'read' } }],
  ['a higher level on one of its sections', { permissions: { 'postern-access': 'write' } }],
  ['an endpoint', { endpoints: ['POST /orders'] }],
  ['a wider pattern', { endpoints: ['GET /orders/*'] }],
  ['every method', { endpoints: ['* /orders'] }],
  ['a role of the organization', { role: 'Writer' }],
  ['a built-in role', { role: 'Read Only' }],
  ['an administrator’s role', { roles: ['User', 'Admin'] }],
  ['a role that acts, as nobody yet', { role: 'Actor' }],
  ['acting as everybody', { impersonation: 'full' }],
  ['acting as nobody yet', { impersonation: 'selected', impersonationTargets: [] }],
]

describe('no gain: what a caller does not hold, it cannot give', () => {
  it.each(beyond)('%s, to a new user, a user, itself, or a guest', async (_name, fields) => {
    const { caller } = clerk
    const before = await rowsOf(writer.user.userId)
    const bare = await scene.make({ username: 'bare' })
    const create = (username: string, more: Partial<NewUserBody> = {}) =>
      codeOf(createUser(scene.dependencies, caller, { username, ...more, ...fields }, origin))
    expect(await create('new')).toBe('grant_not_held')
    // Neither at first disabled, to be enabled later, nor as somebody's guest.
    expect(await create('new', { status: 'disabled' })).toBe('grant_not_held')
    expect(await create('host-admin')).toBe('grant_not_held')
    const { role, roles, permissions, endpoints, impersonation, impersonationTargets } = fields
    const given = { role, roles, permissions, endpoints, impersonation, impersonationTargets }
    const wanted = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    expect(await codeOf(change(bare.user.userId, wanted))).toBe('grant_not_held')
    expect(await codeOf(change(clerk.user.userId, wanted))).toBe('grant_not_held')
    expect(await rowsOf(writer.user.userId)).toEqual(before)
  })

  it('a role, also by the replacement of roles, for all account groups or for one', async () => {
    const { caller } = clerk
    const bare = await scene.make({ username: 'bare' })
    for (const { roleId } of [{ roleId: 1 }, { roleId: 3 }, { roleId: 1000 }]) {
      for (const userId of [bare.user.userId, clerk.user.userId]) {
        const forAll = { allAccountGroupRoles: [{ roleId }] }
        const forOne = { accountGroupRoles: [{ accountGroup: { aid: 1 }, roles: [{ roleId }] }] }
        for (const given of [forAll, forOne])
          expect(await codeOf(replaceRoles(scene.dependencies, caller, userId, given, origin))).toBe(
            'grant_not_held',
          )
      }
    }
  })

  it('an active status, to a user who holds more: that gives all of it again', async () => {
    const off = await scene.make({
      username: 'off',
      status: 'active',
      permissions: { orders: 'write' },
    })
    await change(off.user.userId, { status: 'disabled' })
    expect(await codeOf(change(off.user.userId, { status: 'active' }))).toBe('grant_not_held')
    // Also not together with what is taken in the same request, unless what is left is held.
    const some: UserChange = { status: 'active', endpoints: [], permissions: { orders: 'write' } }
    expect(await codeOf(change(off.user.userId, some))).toBe('grant_not_held')
    await change(off.user.userId, { permissions: { orders: 'read' } })
    expect(await codeOf(change(off.user.userId, { status: 'active' }))).toBe('ok')
  })

  it('in two steps either: what it took away it cannot give back', async () => {
    await change(writer.user.userId, { permissions: {} })
    expect(await codeOf(change(writer.user.userId, { permissions: { orders: 'write' } }))).toBe(
      'grant_not_held',
    )
    expect(await codeOf(change(writer.user.userId, { permissions: { orders: 'read' } }))).toBe('ok')
  })

  it('while another takes it from the clerk at the same time: each round ends without it', async () => {
    const admin = await scene.admin()
    for (let round = 0; round < 10; round += 1) {
      const made = await scene.make({ username: `target-${round}` })
      await Promise.all([
        codeOf(change(made.user.userId, { permissions: { orders: 'read' } }, clerk.caller)),
        codeOf(change(made.user.userId, { permissions: {} }, admin)),
        codeOf(change(made.user.userId, { permissions: { orders: 'write' } }, clerk.caller)),
      ])
      const membership = await scene.membershipOf(made.user.userId, scene.home.organizationId)
      expect(Object.values(membership?.permissions ?? {})).not.toContain('write')
    }
  })

  it('a deny is no grant and no taking: it stores nothing, and is refused where a role grants', async () => {
    const admin = await scene.admin()
    const user = await scene.make({ username: 'denied', permissions: { orders: 'read' } })
    const denied = await change(user.user.userId, { permissions: { orders: 'deny' } }, admin)
    expect(denied.membership.permissions).toEqual({})
    await change(user.user.userId, { role: 'Writer' }, admin)
    const attempt = change(user.user.userId, { permissions: { orders: 'deny' } }, admin)
    await expect(attempt).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'permissions.orders', message: expect.stringContaining('Writer') }],
    })
  })
})

describe('no takeover: control of a user needs all that the user holds', () => {
  const controls: [string, (userId: UserId, keyId: KeyId) => Promise<unknown>][] = [
    ['a new address', (userId) => change(userId, { email: 'mine@example.com' })],
    ['no address', (userId) => change(userId, { email: null })],
    ['another name', (userId) => change(userId, { username: 'mine' })],
    ['a description', (userId) => change(userId, { description: 'x' })],
    ['a whitelist', (userId) => change(userId, { whitelist: ['198.51.100.9'] })],
    [
      'a whitelist by its own endpoint',
      async (userId) =>
        replaceWhitelist(
          { ...scene.dependencies },
          await as(clerk.token, 'postern-whitelist'),
          userId,
          ['198.51.100.9'],
          anything,
          origin,
        ),
    ],
    [
      'a credential',
      async (userId) =>
        createCredential(
          scene.dependencies,
          await as(clerk.token, 'postern-credentials'),
          userId,
          { name: 'mine', kind: 'token' },
          origin,
        ),
    ],
    [
      'an imported credential',
      async (userId) =>
        importCredential(
          scene.dependencies,
          await as(clerk.token, 'postern-credentials'),
          userId,
          { name: 'mine', kind: 'token', hash: randomBytes(32).toString('hex') },
          origin,
        ),
    ],
    [
      'a rotated credential',
      async (userId, keyId) =>
        rotateCredential(
          scene.dependencies,
          await as(clerk.token, 'postern-credentials'),
          { userId, keyId },
          {},
          origin,
        ),
    ],
  ]

  it.each(controls)('%s is refused, and nothing changes', async (_name, control) => {
    const before = await allItems(scene.table)
    const { keyId } = writer.caller.subject.provenBy
    expect(await codeOf(control(writer.user.userId, keyId ?? 'key_'))).toBe('grant_not_held')
    expect(await allItems(scene.table)).toHaveLength(before.length)
    const reader = await scene.make({
      username: 'reader',
      email: 'r@example.com',
      permissions: { orders: 'read' },
    })
    expect(await codeOf(control(reader.user.userId, reader.caller.subject.provenBy.keyId ?? 'key_'))).toBe(
      'ok',
    )
  })

  it.each(['email', 'status'] as const)(
    'a reset link that was mailed before never works again: %s changed and changed back',
    async (field) => {
      const admin = await scene.admin()
      const { userId } = writer.user
      const link = { pk: `USER#${userId}`, sk: 'SECRET#RESET', kind: 'reset-token', userId }
      await scene.dependencies.write([putAnything('link', link)])
      const changes =
        field === 'email'
          ? [{ email: 'other@example.com' }, { email: 'writer@example.com' }]
          : [{ status: 'disabled' } as const, { status: 'active' } as const]
      for (const fields of changes) await change(userId, fields, admin)
      expect((await rowsOf(userId)).map(({ sk }) => sk)).not.toContain('SECRET#RESET')
    },
  )
})

describe('always down: taking rights away needs none of them', () => {
  it.each([
    ['permissions', { permissions: {} }],
    ['a level', { permissions: { orders: 'read' } }],
    ['the account', { status: 'disabled' }],
  ] as [string, UserChange][])('%s, by a manager who does not hold them', async (_name, fields) => {
    expect(await codeOf(change(writer.user.userId, fields))).toBe('ok')
  })

  it('a role, an endpoint, acting; by the replacement of roles too', async () => {
    const admin = await scene.admin()
    const rich = await scene.make({ username: 'rich', role: 'Writer', endpoints: ['DELETE /orders/{id}'] })
    expect(await codeOf(change(rich.user.userId, { endpoints: [] }))).toBe('ok')
    expect(await codeOf(replaceRoles(scene.dependencies, clerk.caller, rich.user.userId, {}, origin))).toBe(
      'ok',
    )
    const membership = await scene.membershipOf(rich.user.userId, scene.home.organizationId)
    expect([membership?.allAccountGroupRoles, membership?.endpoints]).toEqual([[], []])
    await change(rich.user.userId, { role: 'Admin' }, admin)
    // Whoever manages is taken down only by who holds as much: else one clerk would disarm the administrators.
    for (const fields of [{ role: 'User' }, { status: 'disabled' }] as const)
      expect(await codeOf(change(rich.user.userId, fields))).toBe('grant_not_held')
    expect(await codeOf(deleteUser(scene.dependencies, clerk.caller, rich.user.userId, null, origin))).toBe(
      'grant_not_held',
    )
  })

  it('a credential and the user itself', async () => {
    const credentials = await as(clerk.token, 'postern-credentials')
    const { userId } = writer.user
    const keyId = writer.caller.subject.provenBy.keyId ?? 'key_'
    expect(await codeOf(deleteCredential(scene.dependencies, credentials, { userId, keyId }, origin))).toBe(
      'ok',
    )
    await expect(as(writer.token)).rejects.toThrow('credential_unknown')
    expect(await codeOf(deleteUser(scene.dependencies, clerk.caller, userId, null, origin))).toBe('ok')
  })

  it('not the credential of one who manages more', async () => {
    const credentials = await as(clerk.token, 'postern-credentials')
    const keyId = scene.home.admin.subject.provenBy.keyId ?? 'key_'
    const target = { userId: scene.home.userId, keyId }
    expect(await codeOf(deleteCredential(scene.dependencies, credentials, target, origin))).toBe(
      'grant_not_held',
    )
  })

  it('one’s own credential, with no right at all, also as a guest elsewhere', async () => {
    const bare = await scene.make({ username: 'bare' })
    const second = await createCredential(
      scene.dependencies,
      await scene.admin(),
      bare.user.userId,
      { name: 'second', kind: 'token' },
      origin,
    )
    const keyId = bare.caller.subject.provenBy.keyId ?? 'key_'
    const own = { userId: bare.user.userId, keyId }
    await deleteCredential(scene.dependencies, await as(bare.token), own, origin)
    await expect(as(bare.token)).rejects.toThrow('credential_unknown')
    await scene.invite('bare')
    const caller = await as(second.token ?? '')
    await scene.accept(caller)
    const host = await scene.host.admin()
    const membership = await scene.membershipOf(bare.user.userId, scene.host.organizationId)
    if (membership === undefined) throw new Error('the guest has no membership')
    // As it is admitted with a session in the other organization.
    const asGuest: Caller = {
      ...caller,
      subject: { ...caller.subject, organization: host.subject.organization },
      snapshot: { ...caller.snapshot, organization: host.snapshot.organization, membership },
    }
    const target = { userId: bare.user.userId, keyId: second.keyId }
    await deleteCredential(scene.dependencies, asGuest, target, origin)
    await expect(as(second.token ?? '')).rejects.toThrow('credential_unknown')
    const rows = await scene.auditOf(scene.home.organizationId, bare.user.userId)
    expect(rows.at(-1)).toMatchObject({ action: 'credential.deleted', targetId: second.keyId })
    const stranger = {
      userId: scene.home.userId,
      keyId: scene.home.admin.subject.provenBy.keyId ?? ('key_' as const),
    }
    expect(await codeOf(deleteCredential(scene.dependencies, bare.caller, stranger, origin))).toBe(
      'not_found',
    )
  })
})
