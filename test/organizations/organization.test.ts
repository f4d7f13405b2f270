import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import { systemActor } from '../../lib/audit/actor.ts'
import type { AuditEntry } from '../../lib/audit/audit-row.ts'
import { addToAuditRow } from '../../lib/audit/audit-store.ts'
import { auditExpiry } from '../../lib/audit/occasion.ts'
import { changeOrganization } from '../../lib/organizations/change-organization.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { createFirstOrganization } from '../../lib/organizations/first-organization.ts'
import { OrganizationChangeBody } from '../../lib/organizations/organization-endpoints.ts'
import { switchOrganization } from '../../lib/organizations/switch-organization.ts'
import { showUser } from '../../lib/policy/show-user.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { wrongCounts } from '../users/true-counts.ts'
import { callerWith, dependenciesOf, makeCaller, makeOrganization, origin } from './organization.ts'

let table: Table
let first: Awaited<ReturnType<typeof makeOrganization>>

beforeEach(async () => {
  table = await freshTable()
  first = await makeOrganization(table)
})

const dependencies = () => dependenciesOf(table)
const second = async () => {
  const body = { name: 'Second', administrator: { username: 'second-admin' } }
  const made = await createOrganization(dependencies(), first.admin, body, origin)
  return { ...made, admin: await callerWith(table, made.credential.token ?? '') }
}

describe('the locations of an organization', () => {
  it('are what the location of a user is picked from, once there are any', async () => {
    const admin = () => callerWith(table, first.token)
    const list = async (locations: string[]) =>
      await changeOrganization(dependencies(), await admin(), { locations }, origin)
    const make = async (username: string, location: string) =>
      await createUser(dependencies(), await admin(), { username, location }, origin)
    const anything = { version: null, ifMatch: null }
    const move = async (userId: UserId, change: UserChange) =>
      await changeUser(dependencies(), await admin(), userId, change, anything, origin)

    const { user } = await make('free', 'Anywhere')
    await list(['Munich', 'Remote'])
    expect(await refusalCode(make('misspelt', 'Munic'))).toBe('invalid_request')
    expect((await make('picked', 'Munich')).user.location).toBe('Munich')
    expect((await make('none', '')).user.location).toBe('')
    // What was there before stays, whatever else is changed, and is not picked again.
    await move(user.userId, { description: 'moved in', location: 'Anywhere' })
    await move(user.userId, { location: 'Remote' })
    expect(await refusalCode(move(user.userId, { location: 'Anywhere' }))).toBe('invalid_request')
    await list([])
    expect((await move(user.userId, { location: 'Anywhere' })).user.location).toBe('Anywhere')
  })

  it('are named once, and not blank', () => {
    const isGood = (locations: string[]) => OrganizationChangeBody.safeParse({ locations }).success
    expect([['A', 'B'], ['A', 'A'], [' '], ['']].map(isGood)).toEqual([true, false, false, false])
  })
})

describe('organizations', () => {
  it('are strictly apart: nobody of one finds a user of another (U1)', async () => {
    const other = await second()
    const { user } = await makeCaller(table, first.admin, { username: 'first-user' })
    expect(await refusalCode(showUser(dependencies(), other.admin, user.userId))).toBe('not_found')
    expect(await refusalCode(showUser(dependencies(), other.admin, first.userId))).toBe('not_found')
    expect(await refusalCode(showUser(dependencies(), first.admin, other.user.userId))).toBe('not_found')
  })

  it('have their limit of requests to themselves: their first administrator gets none of its own', async () => {
    const empty = await freshTable()
    const dependencies = {
      ...dependenciesOf(empty),
    }
    const request = {
      organization: 'Limited',
      username: 'admin',
      email: null,
      credentials: 'shown',
      rateLimitPerMinute: 6000,
      protectedApiRateLimitPerMinute: 7,
      api: { name: 'shop', gateways: [], sections: [] },
    } as const
    const made = await createFirstOrganization(dependencies, request)
    const { snapshot } = await callerWith(empty, (made.created && made.token) || '')
    expect(snapshot.organization).toMatchObject({
      rateLimitPerMinute: 6000,
      protectedApiRateLimitPerMinute: 7,
    })
    expect(snapshot.membership?.rateLimitPerMinute).toBeNull()
  })

  it('are made by the first one only', async () => {
    const other = await second()
    const body = { name: 'Third', administrator: { username: 'third-admin' } }
    expect(await refusalCode(createOrganization(dependencies(), other.admin, body, origin))).toBe(
      'access_denied',
    )
    expect(
      await refusalCode(
        createOrganization(
          dependencies(),
          first.admin,
          { ...body, administrator: { username: 'ADMIN' } },
          origin,
        ),
      ),
    ).toBe('username_taken')
    const leftovers = (await allItems(table)).filter((item) => JSON.stringify(item).includes('Third'))
    expect(leftovers).toEqual([])
  })

  it('begin with one administrator who can get in, and a record on both sides that names the maker on one', async () => {
    const other = await second()
    expect(await wrongCounts(table)).toEqual([])
    const { organizationId } = other.organization
    const rows = (await allItems(table)).filter(
      (item) => item['action'] === 'organization.created' && item['targetId'] === organizationId,
    )
    const rowIn = (of: string) => rows.find((row) => row['organizationId'] === of)
    expect(rows).toHaveLength(2)
    expect(rowIn(first.organizationId)).toMatchObject({
      actor: { kind: 'user', userId: first.userId },
      address: origin.address,
    })
    expect(rowIn(organizationId)).toMatchObject({
      actor: { kind: 'organization', organizationId: first.organizationId, userId: null },
      address: null,
    })
    // Its maker is no member of it.
    expect(await refusalCode(showUser(dependencies(), other.admin, first.userId))).toBe('not_found')
    // Nor has it anything of the first one's APIs.
    const api = { username: 'thief', endpoints: ['GET /orders'] }
    const byId = { username: 'thief', endpoints: [`${first.apiId} GET /orders`] }
    for (const body of [api, byId])
      expect(await refusalCode(createUser(dependencies(), other.admin, body, origin))).toBe('invalid_request')
  })

  it('all keep their administrator, when several are made for one name at once', async () => {
    const body = { name: 'Raced', administrator: { username: 'raced-admin' } }
    const codes = await Promise.all(
      Array.from({ length: 10 }, () =>
        refusalCode(createOrganization(dependencies(), first.admin, body, origin)),
      ),
    )
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1)
    expect(codes.filter((code) => code === 'username_taken')).toHaveLength(9)
    expect(await wrongCounts(table)).toEqual([])
  })

  it('change their settings on the version they were read at, and apply them to the next password', async () => {
    const changed = await changeOrganization(
      dependencies(),
      first.admin,
      { passwordPolicy: { minimumLength: 15, forbiddenCharacters: '&' } },
      origin,
    )
    expect([changed.minimumPasswordLength, changed.forbiddenPasswordCharacters, changed.version]).toEqual([
      15,
      '&',
      2,
    ])
    expect(
      await refusalCode(changeOrganization(dependencies(), first.admin, { name: 'Stale' }, origin)),
    ).toBe('version_conflict')
    const fresh = await callerWith(table, first.token)
    const create = (password: string) =>
      refusalCode(createUser(dependencies(), fresh, { username: `u-${password.length}`, password }, origin))
    expect(await create('fourteen chars')).toBe('password_rejected')
    expect(await create('with an & in the middle')).toBe('password_rejected')
    expect(await create('quite long enough now')).toBe('ok')
  })

  it('have no limit at protected APIs until one is set, to any number, and none again with null', async () => {
    const made = first.admin.snapshot.organization
    expect([made?.rateLimitPerMinute, made?.protectedApiRateLimitPerMinute]).toEqual([240, null])
    for (const protectedApiRateLimitPerMinute of [Number.MAX_SAFE_INTEGER, undefined, null, 1]) {
      const caller = await callerWith(table, first.token)
      const before = caller.snapshot.organization?.protectedApiRateLimitPerMinute
      const body = OrganizationChangeBody.parse({ protectedApiRateLimitPerMinute, name: 'Renamed' })
      const after = await changeOrganization(dependencies(), caller, body, origin)
      expect(after.rateLimitPerMinute).toBe(240)
      const wanted = protectedApiRateLimitPerMinute === undefined ? before : protectedApiRateLimitPerMinute
      expect(after.protectedApiRateLimitPerMinute).toBe(wanted)
    }
    for (const wrong of [0, -1, 1.5, 2 ** 53, '60', true])
      for (const name of ['rateLimitPerMinute', 'protectedApiRateLimitPerMinute'])
        expect([name, wrong, OrganizationChangeBody.safeParse({ [name]: wrong }).success]).toEqual([
          name,
          wrong,
          false,
        ])
    expect(OrganizationChangeBody.safeParse({ rateLimitPerMinute: null }).success).toBe(false)
  })

  it('warn 14 days before an expiry, from before they could choose as well, until they choose', async () => {
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: keys.organization(first.organizationId),
        UpdateExpression: 'REMOVE expiryWarningDays',
      }),
    )
    const before = await callerWith(table, first.token)
    expect(before.snapshot.organization?.expiryWarningDays).toBe(14)
    await changeOrganization(dependencies(), before, { expiryWarningDays: 0 }, origin)
    const after = await callerWith(table, first.token)
    expect(after.snapshot.organization?.expiryWarningDays).toBe(0)
    const [row] = (await allItems(table)).filter((item) => item['action'] === 'organization.changed')
    expect(row?.['changes']).toEqual([{ field: 'expiryWarningDays', before: 14, after: 0 }])
  })

  it('cannot demand a whitelist of an administrator who has none', async () => {
    expect(
      await refusalCode(changeOrganization(dependencies(), first.admin, { whitelistRequired: true }, origin)),
    ).toBe('self_lockout')
  })
})

describe('how long the audit is kept', () => {
  const day = 86_400
  const change = async (auditRetentionDays: number) =>
    changeOrganization(dependencies(), await callerWith(table, first.token), { auditRetentionDays }, origin)
  const ends = async () =>
    (await allItems(table))
      .filter(({ kind }) => kind === 'audit')
      .map(({ auditId, at, action, expiresAtSeconds }) => ({
        auditId,
        action,
        days: (Number(expiresAtSeconds) - Math.floor(Date.parse(String(at)) / 1000)) / day,
      }))

  it('is a month at least: whoever it watches cannot have it forget the next day', async () => {
    expect(OrganizationChangeBody.safeParse({ auditRetentionDays: 29 }).success).toBe(false)
    expect(OrganizationChangeBody.safeParse({ auditRetentionDays: 30 }).success).toBe(true)
    for (const days of [29, 1, 0, -1]) expect(await refusalCode(change(days))).toBe('invalid_request')
    expect((await change(30)).auditRetentionDays).toBe(30)
  })

  it('is shortened for the rows that follow only, and not for the row that says so', async () => {
    await makeCaller(table, first.admin, { username: 'before' })
    const before = await ends()
    await change(30)
    await makeCaller(table, await callerWith(table, first.token), { username: 'after' })
    const after = await ends()
    expect(after).toEqual(expect.arrayContaining(before))
    const [changed, created, ...others] = after
      .filter(({ auditId }) => !before.some((row) => row.auditId === auditId))
      .toSorted((one, other) => other.days - one.days)
    expect(changed).toMatchObject({ action: 'organization.changed', days: 366 })
    expect(created).toMatchObject({ action: 'user.created', days: 30 })
    expect(others).toEqual([])
  })

  it('is the longer one for the row that says that it was lengthened', async () => {
    await change(30)
    await change(400)
    const changes = (await ends()).filter(({ action }) => action === 'organization.changed')
    expect(changes.map(({ days }) => days).toSorted((one, other) => one - other)).toEqual([366, 400])
  })

  it('is not shortened for a row that goes on counting', async () => {
    const at = '2026-11-21T09:00:00.000Z'
    const counted: AuditEntry = {
      organizationId: first.organizationId,
      action: 'refusals.counted',
      actor: systemActor,
      targetUserId: null,
      targetId: null,
      address: null,
      requestId: null,
      changes: [],
    }
    for (const auditRetentionDays of [366, 30])
      await addToAuditRow(
        table,
        counted,
        {
          at,
          auditId: 'counted',
          auditExpiresAtSeconds: auditExpiry(Date.parse(at), { auditRetentionDays }),
        },
        1,
      )
    const row = await readItem(table, keys.audit(first.organizationId, at, 'counted', 0))
    expect(row).toMatchObject({ count: 2, expiresAtSeconds: auditExpiry(Date.parse(at), null) })
  })
})

describe('an organization that is turned off', () => {
  const turn = async (organizationId: OrganizationId, status: 'active' | 'inactive', caller = first.admin) =>
    await switchOrganization(dependencies(), caller, organizationId, status, origin)

  it('lets nobody in until it is turned on, and both sides have it in their audit', async () => {
    const other = await second()
    const { organizationId } = other.organization
    const token = other.credential.token ?? ''
    const keeping = { auditRetentionDays: 40 }
    const { snapshot } = first.admin
    const organization = { ...snapshot.organization, ...keeping }
    const admin = { ...first.admin, snapshot: { ...snapshot, organization } }
    const turned = await turn(organizationId, 'inactive', admin)
    expect(turned).toMatchObject({ status: 'inactive', version: 2 })
    await expect(callerWith(table, token)).rejects.toThrow('organization_inactive')
    expect(await turn(organizationId, 'inactive')).toMatchObject({ version: 2 })
    expect(await turn(organizationId, 'active', admin)).toMatchObject({ status: 'active', version: 3 })
    expect((await callerWith(table, token)).subject.userId).toBe(other.user.userId)
    const rows = (await allItems(table)).filter((item) => item['action'] === 'organization.changed')
    const told = rows.map((row) => [row['organizationId'], row['targetId'], row['changes'], row['address']])
    const off = [{ field: 'status', before: 'active', after: 'inactive' }]
    const on = [{ field: 'status', before: 'inactive', after: 'active' }]
    expect(told).toHaveLength(4)
    expect(told).toEqual(
      expect.arrayContaining([
        [first.organizationId, organizationId, off, origin.address],
        [organizationId, organizationId, off, null],
        [first.organizationId, organizationId, on, origin.address],
        [organizationId, organizationId, on, null],
      ]),
    )
    const ofOther = rows.filter((row) => row['organizationId'] === organizationId)
    // Each side keeps its rows as long as its audit; how long that is elsewhere is not known here.
    for (const { at, expiresAtSeconds, ...row } of rows) {
      const retention = row['organizationId'] === organizationId ? null : keeping
      expect(expiresAtSeconds).toBe(auditExpiry(Date.parse(String(at)), retention))
    }
    for (const row of ofOther)
      expect(row['actor']).toMatchObject({ kind: 'organization', userId: null, keyId: null })
  })

  it('is another one, of which administrators of the first decide', async () => {
    const other = await second()
    const { organizationId } = other.organization
    await expect(turn(first.organizationId, 'inactive')).rejects.toMatchObject({
      code: 'self_lockout',
      detail: 'The first organization cannot be disabled.',
    })
    expect(await refusalCode(turn('org_0000000000', 'inactive'))).toBe('not_found')
    await expect(turn(first.organizationId, 'inactive', other.admin)).rejects.toMatchObject({
      code: 'access_denied',
      detail: 'Only administrators of the first organization can enable or disable others.',
    })
    const { caller } = await makeCaller(table, first.admin, {
      username: 'clerk',
      permissions: { 'postern-organization': 'write' },
    })
    expect(await refusalCode(turn(organizationId, 'inactive', caller))).toBe('access_denied')
    const racing = {
      ...dependencies(),
      readOrganizations: async (ids: readonly OrganizationId[]) => {
        const read = await dependencies().readOrganizations(ids)
        await turn(organizationId, 'inactive')
        return read
      },
    }
    const late = switchOrganization(racing, first.admin, organizationId, 'inactive', origin)
    expect(await refusalCode(late)).toBe('version_conflict')
  })
})
