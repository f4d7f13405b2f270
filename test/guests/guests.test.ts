import { beforeEach, describe, expect, it } from 'vitest'
import { admit } from '../../lib/admission/admit.ts'
import { readCallerSnapshot } from '../../lib/admission/snapshot-store.ts'
import { listCredentials } from '../../lib/credentials/manage-credentials.ts'
import { permissionKey } from '../../lib/decision/stored-grants.ts'
import { explain } from '../../lib/explain/explain.ts'
import { showDecision } from '../../lib/explain/show-decision.ts'
import { listFactors } from '../../lib/factors/change-factors.ts'
import { acceptOwnInvitation } from '../../lib/guests/memberships.ts'
import type { SnapshotKeys } from '../../lib/identity/caller-snapshot.ts'
import { admittedSnapshot } from '../../lib/identity/caller-snapshot.ts'
import { epochOf } from '../../lib/identity/member.ts'
import { subjectOf } from '../../lib/identity/subject-of-snapshot.ts'
import { readUserIdByUsername } from '../../lib/identity/user-store.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { showUser } from '../../lib/policy/show-user.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import { makeDenialKeeper } from '../../lib/refusals/keep-denials.ts'
import type { StoredDecision } from '../../lib/refusals/kept-decision.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { wordNames } from '../../lib/table/schema.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import { findUsers } from '../../lib/users/find-users.ts'
import { checkWhitelist, showWhitelist } from '../../lib/users/manage-whitelist.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { refusalCode } from '../contract/refusal-code.ts'
import { freshTable } from '../fresh-table.ts'
import {
  callerWith,
  dependenciesOf,
  dependenciesWithKey,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { admissionOn } from '../refusals/refusal-notes.ts'

let table: Table
let home: Awaited<ReturnType<typeof makeOrganization>>
let visited: Awaited<ReturnType<typeof callerWith>>
let partner: Awaited<ReturnType<typeof makeCaller>>

const anything = { version: null, ifMatch: null }

beforeEach(async () => {
  table = await freshTable(wordNames)
  home = await makeOrganization(table)
  const made = await createOrganization(
    dependenciesOf(table),
    home.admin,
    { name: 'Visited', administrator: { username: 'host' } },
    origin,
  )
  visited = await callerWith(table, made.credential.token ?? '')
  partner = await makeCaller(table, home.admin, {
    username: 'partner',
    email: 'private@partner.example',
    whitelist: [origin.address],
    permissions: { orders: 'write' },
  })
})

const invite = (key: string | null = null) => {
  const body = { username: 'Partner', role: 'Read Only' }
  if (key === null) return createUser(dependenciesOf(table), visited, body, origin)
  const dependencies = dependenciesWithKey(table, visited, body, key)
  return dependencies.once(() => createUser(dependencies, visited, body, origin))
}
/** Invited, and accepted. */
const visit = async () => {
  const { user } = await invite()
  const { organizationId } = visited.subject.organization
  await acceptOwnInvitation(dependenciesOf(table), partner.caller, organizationId, origin)
  return { user }
}

describe('guests', () => {
  it('have roles of their own in each organization, and one identity', async () => {
    const { user } = await invite()
    expect(user).toMatchObject({
      userId: partner.user.userId,
      username: 'partner',
      roles: ['Read Only'],
      permissions: {},
    })
    const atHome = await showUser(dependenciesOf(table), home.admin, partner.user.userId)
    expect(atHome.membership.permissions).toEqual({ [permissionKey(home.apiId, 'orders')]: 'write' })
  })

  it('show the host neither e-mail nor whitelist nor when they logged in', async () => {
    const { user } = await invite()
    expect(user).toMatchObject({
      email: null,
      whitelist: [],
      description: '',
      location: '',
      lastLoginAt: null,
      lastUsedAt: null,
    })
  })

  it('are not found by the host by the e-mail that it cannot see', async () => {
    const { user } = await visit()
    const found = async (caller: typeof visited, q: string) => {
      const { users } = await findUsers(dependenciesOf(table), caller, { q })
      return users.map(({ userId }) => userId)
    }
    for (const q of ['private@partner.example', 'private@', 'priv'])
      expect([q, await found(visited, q)]).toEqual([q, []])
    expect(await found(visited, 'partner')).toEqual([user.userId])
    expect(await found(home.admin, 'PRIVATE@')).toEqual([user.userId])
  })

  it('keep their keys, tokens and second factors from the host', async () => {
    const { user } = await visit()
    const dependencies = dependenciesOf(table)
    expect(await refusalCode(listFactors(dependencies, visited, user.userId))).toBe('guest_not_editable')
    expect(await listFactors(dependencies, home.admin, user.userId)).toMatchObject({ secondFactors: [] })
    expect(await listCredentials(dependencies, visited, user.userId)).toEqual([])
    expect(await listCredentials(dependencies, home.admin, user.userId)).toHaveLength(1)
  })

  it('keep the entries of their whitelist from the host, but not what it says of an address', async () => {
    const { user } = await visit()
    const dependencies = {
      ...dependenciesOf(table),
      readUserIdByUsername: (username: string) => readUserIdByUsername(table, username),
    }
    const { userId } = user
    expect(await refusalCode(showWhitelist(dependencies, visited, userId))).toBe('guest_not_editable')
    const check = (address: string) => checkWhitelist(dependencies, visited, { userId, address })
    expect(await check(origin.address)).toEqual({
      allowed: true,
      entry: null,
      reason: 'matched: by the whitelist of the home organization',
    })
    expect(await check('198.51.100.1')).toMatchObject({ allowed: false, entry: null })
    const asked = { userId, api: 'postern', method: 'GET', path: '/v1/users', address: origin.address }
    const readSnapshot = (wanted: SnapshotKeys) => readCallerSnapshot(table, wanted)
    const explaining = { ...dependencies, ownEndpointAt, readSnapshot }
    const explained = await explain(explaining, visited, asked)
    expect(explained.steps).toContainEqual({
      check: 'whitelist',
      passed: true,
      saw: 'the whitelist of the home organization',
    })
    expect(JSON.stringify(explained)).not.toContain(origin.address)
    expect((await showWhitelist(dependencies, home.admin, userId)).entries).toEqual([origin.address])
    const ofHome = { ...asked, userId: undefined, keyId: partner.caller.subject.provenBy.keyId ?? undefined }
    expect(await refusalCode(explain(explaining, visited, ofHome))).toBe('not_found')
  })

  it('keep the entries of their whitelist out of the decisions that the host looks up', async () => {
    const { user } = await visit()
    const kept: StoredDecision[] = []
    const onDenied = makeDenialKeeper({
      gate: () => Promise.resolve(true),
      keepDecision: (decision) => Promise.resolve(void kept.push(decision)),
      now: Date.now,
      behind: (work) => void work(),
      onFault: (fault) => {
        throw fault
      },
    })
    const deniedIn = async (caller: typeof visited) => {
      const { organizationId } = caller.subject.organization
      const member = await dependenciesOf(table).readMember(user.userId, organizationId)
      if (member === undefined) throw new Error('no member')
      const session = {
        ...{ userId: user.userId, organizationId, sessionId: 'ses_1' as const, keyId: null, actor: null },
        audience: null,
        epoch: epochOf(member),
        expiresAt: Date.now() + 60_000,
      }
      const verifySession = () => Promise.resolve({ ok: true, session } as const)
      const request = { method: 'DELETE', path: '/elsewhere', address: origin.address, requestId: 'r-1' }
      await admit({ ...admissionOn(table, onDenied), verifySession }, 'Bearer a.b.c', {
        ...request,
        aid: null,
        target: { kind: 'management', section: 'postern-users', level: 'write', scope: 'organization' },
      })
      const readDecision = () => Promise.resolve(kept.at(-1))
      const { readMember } = dependenciesOf(table)
      return showDecision({ readDecision, readMember, now: Date.now }, caller, 'r-1')
    }
    const forHost = await deniedIn(visited)
    expect(forHost).toMatchObject({ reason: 'permission_not_granted', subject: { userId: user.userId } })
    expect(forHost.steps).toContainEqual({
      check: 'whitelist',
      passed: true,
      saw: 'the whitelist of the home organization',
    })
    expect(JSON.stringify(forHost.steps)).not.toContain(origin.address)
    const forHome = await deniedIn(home.admin)
    expect(JSON.stringify(forHome.steps)).toContain(`is in ${origin.address}`)
  })

  it('cannot be changed, renamed or given keys by the host; only their membership can', async () => {
    const { user } = await visit()
    const change = (fields: object) =>
      refusalCode(changeUser(dependenciesOf(table), visited, user.userId, fields, anything, origin))
    expect(await change({ status: 'disabled' })).toBe('guest_not_editable')
    expect(await change({ email: 'mine@host.example' })).toBe('guest_not_editable')
    expect(await change({ role: 'User' })).toBe('ok')
    const again = { username: 'partner', generate: 'token' } as const
    expect(await refusalCode(createUser(dependenciesOf(table), visited, again, origin))).toBe(
      'username_taken',
    )
  })

  it('have a rate limit of their own in each organization', async () => {
    const { user } = await visit()
    const dependencies = dependenciesOf(table)
    const limit = (caller: typeof visited, rateLimitPerMinute: number) =>
      changeUser(dependencies, caller, user.userId, { rateLimitPerMinute }, anything, origin)
    await Promise.all([limit(visited, 7), limit(home.admin, 900)])
    const [guest, atHome] = await Promise.all([
      showUser(dependencies, visited, user.userId),
      showUser(dependencies, home.admin, user.userId),
    ])
    expect([guest.membership.rateLimitPerMinute, atHome.membership.rateLimitPerMinute]).toEqual([7, 900])
  })

  it('hear nothing at the host of what they were answered at home under the same Idempotency-Key (F1)', async () => {
    const manages = { permissions: { 'postern-users': 'write' } } as const
    const { caller } = await makeCaller(table, home.admin, { username: 'manager', ...manages })
    await createUser(dependenciesOf(table), visited, { username: 'manager', ...manages }, origin)
    const { organizationId } = visited.subject.organization
    const { userId, provenBy } = caller.subject
    const snapshot = admittedSnapshot(
      await readCallerSnapshot(table, { organizationId, userId, keyId: null, sessionId: null, actor: null }),
    )
    if (snapshot === undefined) throw new Error('the guest has no membership')
    const subject = subjectOf(snapshot, snapshot.user, snapshot.organization, provenBy)
    const asGuest = { subject, snapshot, aid: null, reach: 'organization' } as const

    const create = (as: typeof caller, body: NewUserBody) => {
      const dependencies = dependenciesWithKey(table, as, body, 'one-key')
      return dependencies.once(() => createUser(dependencies, as, body, origin))
    }
    const atHome = await create(caller, { username: 'secret-holder', generate: 'token' })
    expect(await refusalCode(create(asGuest, { username: 'secret-holder', generate: 'token' }))).toBe(
      'username_taken',
    )
    const atHost = await create(asGuest, { username: 'another' })
    expect(await create(asGuest, { username: 'another' })).toEqual(atHost)
    expect(await create(caller, { username: 'secret-holder', generate: 'token' })).toEqual(atHome)
  })

  it('are added once, also by a repeated request, and lose only their membership when the host deletes them', async () => {
    const first = await invite('guest-key')
    expect(await invite('guest-key')).toEqual(first)
    expect(await refusalCode(invite())).toBe('username_taken')
    await deleteUser(dependenciesOf(table), visited, first.user.userId, null, origin)
    expect(await refusalCode(showUser(dependenciesOf(table), visited, first.user.userId))).toBe('not_found')
    expect(await refusalCode(showUser(dependenciesOf(table), home.admin, first.user.userId))).toBe('ok')
    await expect(callerWith(table, partner.token)).resolves.toBeDefined()
  })
})
