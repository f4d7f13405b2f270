import { beforeEach, describe, expect, it } from 'vitest'
import { importCredential } from '../../lib/credentials/manage-credentials.ts'
import { epochOf, versionOf } from '../../lib/identity/member.ts'
import { readMember } from '../../lib/identity/user-store.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import type { Expected } from '../../lib/users/change-user.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { listUsers } from '../../lib/users/list-users.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { putAnything } from '../table/put-anything.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>

const anything: Expected = { version: null, ifMatch: null }

beforeEach(async () => {
  table = await freshTable(['directory'])
  organization = await makeOrganization(table)
})

const make = async (body: Parameters<typeof createUser>[2]) =>
  (await createUser(dependenciesOf(table), organization.admin, body, origin)).user

const change = (userId: UserId, fields: UserChange, expected = anything, caller = organization.admin) =>
  changeUser(dependenciesOf(table), caller, userId, fields, expected, origin)

describe('changeUser', () => {
  it('lets one of two changes from one version win and loses nothing of it (U7)', async () => {
    const user = await make({ username: 'two-writers' })
    const racers = Array.from({ length: 20 }, (_, index) =>
      refusalCode(
        change(user.userId, { description: `writer ${index}` }, { version: user.version, ifMatch: null }),
      ),
    )
    const outcomes = await Promise.all(racers)
    expect(outcomes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(outcomes.filter((code) => code === 'version_conflict')).toHaveLength(19)
    const now = await readMember(table, user.userId, organization.organizationId)
    expect(now?.user.description).toBe(`writer ${outcomes.indexOf('ok')}`)
    expect(now && versionOf(now)).toBe(user.version + 1)
  })

  it('makes all of several unconditional changes of different fields', async () => {
    const user = await make({ username: 'merged' })
    await Promise.all([
      change(user.userId, { description: 'd' }),
      change(user.userId, { location: 'l' }),
      change(user.userId, { endpoints: ['GET /orders'] }),
    ])
    const now = await readMember(table, user.userId, organization.organizationId)
    expect([now?.user.description, now?.user.location, now?.membership.endpoints]).toEqual([
      'd',
      'l',
      [`${organization.apiId} GET /orders`],
    ])
  })

  it('answers a stale If-Match with precondition_failed', async () => {
    const user = await make({ username: 'if-match' })
    await change(user.userId, { name: 'x' })
    expect(await refusalCode(change(user.userId, { name: 'y' }, { version: null, ifMatch: 1 }))).toBe(
      'precondition_failed',
    )
  })

  it('gives another epoch when a user is disabled and when its roles change, never an earlier one, and not otherwise', async () => {
    const user = await make({ username: 'epoch', role: 'User' })
    const epoch = async () => {
      const member = await readMember(table, user.userId, organization.organizationId)
      return member === undefined ? '' : epochOf(member)
    }
    const start = await epoch()
    await change(user.userId, { name: 'other' })
    expect(await epoch()).toBe(start)
    const seen = new Set([start])
    const changes = [
      { role: 'Read Only' },
      { status: 'disabled' },
      { role: 'User' },
      { status: 'active' },
      { status: 'disabled' },
      { role: 'Read Only' },
    ] as const
    for (const fields of changes) {
      const before = await epoch()
      await change(user.userId, fields)
      const isEnabled = 'status' in fields && fields.status === 'active'
      if (isEnabled) expect(await epoch()).toBe(before)
      else expect(seen).not.toContain(await epoch())
      seen.add(await epoch())
    }
  })

  it('frees the old username with a rename and refuses a taken one', async () => {
    const one = await make({ username: 'old-name' })
    await make({ username: 'taken-name' })
    expect(await refusalCode(change(one.userId, { username: 'Taken-Name' }))).toBe('username_taken')
    await change(one.userId, { username: 'new-name' })
    expect((await make({ username: 'old-name' })).username).toBe('old-name')
    const directory = await listUsers(dependenciesOf(table), organization.admin, {})
    expect(directory.users.map(({ username }) => username)).toEqual([
      'admin',
      'new-name',
      'old-name',
      'taken-name',
    ])
  })

  it('never lets the last administrator disable, demote or lock itself out (U8)', async () => {
    const { userId } = organization
    expect(await refusalCode(change(userId, { status: 'disabled' }))).toBe('last_administrator')
    expect(await refusalCode(change(userId, { role: 'User' }))).toBe('last_administrator')
    expect(await refusalCode(change(userId, { roles: ['Account Admin', 'Regular User'] }))).toBe(
      'last_administrator',
    )
    // A deny takes nothing away: what a role grants is granted.
    expect(await refusalCode(change(userId, { permissions: { 'postern-users': 'deny' } }))).toBe(
      'invalid_request',
    )
    expect(await refusalCode(change(userId, { whitelist: ['198.51.100.9'] }))).toBe('self_lockout')
    expect(await refusalCode(change(userId, { whitelist: [origin.address] }))).toBe('ok')
  })

  it('keeps one of two administrators who demote each other at the same time (U8)', async () => {
    const other = await makeCaller(table, organization.admin, { username: 'second-admin', role: 'Admin' })
    const outcomes = await Promise.all([
      refusalCode(change(other.user.userId, { role: 'User' })),
      refusalCode(change(organization.userId, { role: 'User' }, anything, other.caller)),
    ])
    expect(outcomes.toSorted()).toEqual(['last_administrator', 'ok'])
  })

  it("sets a user's own rate limit for whoever may set the organization's, with its row in the audit", async () => {
    const { token } = await makeCaller(table, organization.admin, {
      username: 'limits',
      permissions: { 'postern-organization': 'write' },
    })
    const setter = await callerWith(table, token, 'postern-organization')
    const { userId } = organization
    const before = await readMember(table, userId, organization.organizationId)
    const limited = await change(userId, { rateLimitPerMinute: 60 }, anything, setter)
    const changedAt = limited.user.updatedAt
    expect(limited.membership).toEqual({ ...before?.membership, rateLimitPerMinute: 60, changedAt })
    expect(versionOf(limited)).toBe((before === undefined ? 0 : versionOf(before)) + 1)
    await change(userId, { rateLimitPerMinute: null }, anything, setter)
    const now = await readMember(table, userId, organization.organizationId)
    expect(now?.membership.rateLimitPerMinute).toBeNull()
    const rows = (await allItems(table)).filter(({ action }) => action === 'user.changed')
    expect(rows.map(({ changes, targetUserId }) => [targetUserId, changes])).toEqual(
      expect.arrayContaining([
        [userId, [{ field: 'rateLimitPerMinute', before: null, after: 60 }]],
        [userId, [{ field: 'rateLimitPerMinute', before: 60, after: null }]],
      ]),
    )
    // Beside the limit, what one may change is what one holds (U3).
    const both = { rateLimitPerMinute: 5, description: 'mine' }
    expect(await refusalCode(change(userId, both, anything, setter))).toBe('grant_not_held')
  })

  it('refuses to touch a user who holds more than the caller (U3)', async () => {
    const helper = await makeCaller(table, organization.admin, {
      username: 'helper',
      permissions: { 'postern-users': 'write', 'postern-credentials': 'write' },
    })
    expect(
      await refusalCode(change(organization.userId, { email: 'mine@x.example' }, anything, helper.caller)),
    ).toBe('grant_not_held')
    expect(await refusalCode(change(helper.user.userId, { role: 'Admin' }, anything, helper.caller))).toBe(
      'grant_not_held',
    )
  })
})

describe('deleteUser', () => {
  const remove = (userId: UserId, ifMatch: number | null = null, caller = organization.admin) =>
    deleteUser(dependenciesOf(table), caller, userId, ifMatch, origin)

  it('takes everything with it but the audit and the claims that nobody else may make', async () => {
    const lasting = ['audit', 'uid-claim', 'imported-credential']
    const left = async () => (await allItems(table)).filter((item) => !lasting.includes(String(item['kind'])))
    const before = await left()
    const { user, token } = await makeCaller(table, organization.admin, {
      username: 'short-lived',
      email: 'S@x.example',
      password: 'a long enough one',
      whitelist: ['203.0.113.0/24', 'AWS:eu-west-1'],
    })
    const { userId } = user
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const hash = 'd'.repeat(64)
    for (const end of [{ expiresAt }, {}])
      await importCredential(
        dependenciesOf(table),
        organization.admin,
        userId,
        { name: 'old', kind: 'token', hash: 'expiresAt' in end ? hash : 'e'.repeat(64), ...end },
        origin,
      )
    // What the mailer and a login leave.
    await writeTransaction(table, [putAnything('link', { ...keys.resetToken(userId), kind: 'link' })])
    const kinds = new Set((await left()).map(({ kind }) => kind))
    for (const kind of ['password', 'email-entry', 'expiry-entry', 'provider-naming', 'credential', 'link'])
      expect(kinds).toContain(kind)
    await remove(userId)
    const key = ({ pk, sk }: Record<string, unknown>) => `${pk} ${sk}`
    expect((await left()).map(key).toSorted()).toEqual(before.map(key).toSorted())
    await expect(callerWith(table, token)).rejects.toThrow('credential_unknown')
    expect(await refusalCode(make({ username: 'short-lived' }))).toBe('ok')
  })

  it('is audited with who did it, whom it took, and what it could be opened with', async () => {
    const { user } = await makeCaller(table, organization.admin, {
      username: 'gone',
      endpoints: ['GET /orders'],
    })
    await remove(user.userId)
    const rows = (await allItems(table)).filter(({ action }) => action === 'user.deleted')
    expect(rows).toMatchObject([
      {
        organizationId: organization.organizationId,
        actor: { kind: 'user', userId: organization.userId },
        targetUserId: user.userId,
        targetId: null,
        address: origin.address,
        requestId: origin.requestId,
        changes: [
          { field: 'user', before: { username: 'gone', endpoints: ['GET /orders'] }, after: null },
          { field: 'credentials', before: [{ name: 'default', kind: 'token' }], after: null },
        ],
      },
    ])
    expect(JSON.stringify(rows)).not.toMatch(/pst_|secretHash/)
  })

  it('is of the version that the caller names, or of none', async () => {
    const user = await make({ username: 'moved-on' })
    await change(user.userId, { firstName: 'Pat' })
    expect(await refusalCode(remove(user.userId, user.version))).toBe('precondition_failed')
    expect(await refusalCode(remove(user.userId, user.version + 1))).toBe('ok')
  })

  it.each([
    ['version_conflict', null],
    ['precondition_failed', 1],
  ])('is a %s when the user changes while it is read', async (code, ifMatch) => {
    const user = await make({ username: 'overtaken' })
    const dependencies = dependenciesOf(table)
    const overtaken = {
      ...dependencies,
      readBelongings: async (userId: UserId) => {
        await change(userId, { firstName: 'Pat' })
        return await dependencies.readBelongings(userId)
      },
    }
    const deletion = deleteUser(overtaken, organization.admin, user.userId, ifMatch, origin)
    expect(await refusalCode(deletion)).toBe(code)
    expect(await readMember(table, user.userId, organization.organizationId)).toBeDefined()
  })

  it('is of nobody by themselves, whatever they are', async () => {
    const { caller, user } = await makeCaller(table, organization.admin, {
      username: 'own-end',
      role: 'Admin',
    })
    expect(await refusalCode(remove(user.userId, null, caller))).toBe('self_lockout')
  })
})

describe('listUsers', () => {
  it('pages through every user once', async () => {
    for (let index = 0; index < 7; index += 1)
      await make({ username: `page-${index}`, ...(index === 3 ? { status: 'disabled' } : {}) })
    const list = (query: Parameters<typeof listUsers>[2]) =>
      listUsers(dependenciesOf(table), organization.admin, query)
    const allIn = async (order: 'ascending' | 'descending') => {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await list({ limit: 3, order, ...(cursor === undefined ? {} : { cursor }) })
        seen.push(...page.users.map((user) => user.username))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      return seen
    }
    const sorted = ['admin', ...[0, 1, 2, 3, 4, 5, 6].map((index) => `page-${index}`)]
    expect(await allIn('ascending')).toEqual(sorted)
    expect(await allIn('descending')).toEqual(sorted.toReversed())
    expect((await list({ status: 'disabled' })).users.map((user) => user.username)).toEqual(['page-3'])
  })
})

describe('a reset link that was mailed', () => {
  const mailed = async (username: string) => {
    const { user } = await makeCaller(table, organization.admin, {
      username,
      email: `${username}@partner.example`,
    })
    const key = keys.resetToken(user.userId)
    await writeTransaction(table, [putAnything('link', { ...key, kind: 'link' })])
    const isThere = async () => (await allItems(table)).some(({ pk, sk }) => pk === key.pk && sk === key.sk)
    return { change: (fields: UserChange) => change(user.userId, fields), isThere }
  }

  it.each([
    ['disabled', { status: 'disabled' }],
    ['given another address', { email: 'moved@partner.example' }],
  ] as const)('is deleted when its user is %s, and by no other change', async (what, ending) => {
    const link = await mailed(`linked-${what.split(' ')[0]}`)
    await link.change({ description: 'Nightly export' })
    expect(await link.isThere()).toBe(true)
    await link.change(ending)
    expect(await link.isThere()).toBe(false)
  })
})
