import { beforeAll, describe, expect, it } from 'vitest'
import { wait } from '../../functions/wiring/wait.ts'
import { admit } from '../../lib/access/admit.ts'
import { makeAuthorizer } from '../../lib/access/authorize.ts'
import type { DecisionStep } from '../../lib/access/decide.ts'
import { readCallerSnapshot } from '../../lib/access/snapshot-store.ts'
import type { ExplainBody } from '../../lib/contract/explain-endpoints.ts'
import { managementSections } from '../../lib/contract/management-sections.ts'
import { createCredential, deleteCredential } from '../../lib/credentials/manage-credentials.ts'
import { explain } from '../../lib/explain/explain.ts'
import { makeDenialKeeper } from '../../lib/explain/keep-denials.ts'
import type { StoredDecision } from '../../lib/explain/kept-decision.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { readUserIdByUsername } from '../../lib/users/user-store.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { admissionOn, otherOrganization } from '../audit/refusal-notes.ts'
import { freshTable } from '../fresh-table.ts'
import { dependenciesOf, makeCaller, makeOrganization, origin } from '../organization.ts'
import { refusalCode } from '../refusal-code.ts'

let table: Table
let organization: Awaited<ReturnType<typeof makeOrganization>>
let reader: Awaited<ReturnType<typeof makeCaller>>
let keyId: string

beforeAll(async () => {
  table = await freshTable()
  organization = await makeOrganization(table)
  reader = await makeCaller(table, organization.admin, {
    username: 'reader',
    permissions: { orders: 'read', 'postern-users': 'read' },
    whitelist: ['203.0.113.0/24'],
  })
  keyId = reader.caller.subject.provenBy.keyId ?? ''
})

const explained = (asked: ExplainBody, organizationId = organization.organizationId) =>
  explain(
    {
      readSnapshot: (wanted) => readCallerSnapshot(table, wanted),
      readUserIdByUsername: (username) => readUserIdByUsername(table, username),
      managementSections,
      prepareRanges: prepareNoRanges,
      now: Date.now,
    },
    organizationId,
    asked,
  )

const credentialDependencies = () => dependenciesOf(table)

const inside = '203.0.113.7'
const outside = '198.51.100.9'
const requests: [string, string, string][] = [
  ['GET', '/orders/17', inside],
  ['POST', '/orders', inside],
  ['GET', '/orders/17', outside],
  ['GET', '/orders//17', inside],
  ['GET', '/orders/17', 'not an address'],
  ['GET', '/orders/17', ''],
  ['GET', '/elsewhere', inside],
]

describe('explain', () => {
  it.each(requests)('says of %s %s from "%s" what the authorizer decides, step by step', async (...asked) => {
    const [method, path, address] = asked
    const steps: DecisionStep[][] = []
    const keep = (denied: { readonly steps: readonly DecisionStep[] }) => {
      steps.push([...denied.steps])
      return Promise.resolve()
    }
    const authorize = makeAuthorizer(
      { ...admissionOn(table, keep), managementSections: [], onFault: () => undefined },
      { cacheSeconds: 0, maximumCached: 1 },
    )
    const request = { method, path, address, aid: null, needs: 'endpoint' } as const
    const decision = await authorize(`Bearer ${reader.token}`, request)
    const explanation = await explained({ keyId, method, path, address })
    expect(explanation).toMatchObject({
      allowed: decision.allow,
      reason: decision.allow ? null : decision.reason,
      api: 'protected',
      subject: { userId: reader.user.userId, username: 'reader', keyId },
    })
    if (!decision.allow) expect(explanation.steps).toEqual(steps[0])
  })

  it.each([
    ['GET', '/v1/users'],
    ['POST', '/v1/users'],
    ['GET', '/v1/audit'],
    ['GET', '/v1/users/me'],
  ])("says of %s %s what Postern's own API decides", async (method, path) => {
    const needs = path.endsWith('/me') ? ('identity' as const) : ('endpoint' as const)
    const request = { method, path, address: inside, aid: null, needs }
    const { decision } = await admit(
      admissionOn(table, () => Promise.resolve()),
      `Bearer ${reader.token}`,
      request,
    )
    expect(await explained({ username: 'reader', method, path, address: inside })).toMatchObject({
      allowed: decision.allow,
      reason: decision.allow ? null : decision.reason,
      api: 'postern',
    })
  })

  it('tells a protected API from its own when both have the path', async () => {
    const asked = { userId: reader.user.userId, method: 'GET', path: '/v1/users', address: inside }
    expect(await explained({ ...asked, api: 'protected' })).toMatchObject({
      reason: 'permission_not_granted',
    })
    expect(await explained({ ...asked, api: 'postern' })).toMatchObject({ allowed: true })
  })

  it('has nothing to explain where everybody may go', async () => {
    const asked = { username: 'reader', method: 'GET', path: '/health', address: inside }
    expect(await refusalCode(explained(asked))).toBe('invalid_request')
    const login = { username: 'reader', method: 'POST', path: '/v1/auth/login', address: outside }
    expect(await explained(login)).toMatchObject({ allowed: false, reason: 'whitelist_no_match' })
  })

  it('judges expiries as of the time asked for', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const credential = await createCredential(
      credentialDependencies(),
      organization.admin,
      reader.user.userId,
      { name: 'short', kind: 'key', expiresAt },
      origin,
    )
    const asked = { keyId: credential.keyId, method: 'GET', path: '/orders', address: inside }
    expect(await explained(asked)).toMatchObject({ allowed: true })
    expect(await explained({ ...asked, time: expiresAt })).toMatchObject({ reason: 'credential_expired' })
  })

  it('tells of a deleted key that it is unknown, and of a disabled user that it is disabled', async () => {
    const dependencies = credentialDependencies()
    const gone = await makeCaller(table, organization.admin, { username: 'gone', role: 'Admin' })
    const goneKey = gone.caller.subject.provenBy.keyId ?? ''
    const { userId } = gone.user
    await deleteCredential(dependencies, organization.admin, { userId, keyId: goneKey }, origin)
    const asked = { method: 'GET', path: '/orders', address: inside }
    expect(await explained({ ...asked, keyId: goneKey })).toMatchObject({ reason: 'credential_unknown' })
    const expected = { version: null, ifMatch: null }
    await changeUser(dependencies, organization.admin, userId, { status: 'disabled' }, expected, origin)
    expect(await explained({ ...asked, userId })).toMatchObject({
      allowed: false,
      reason: 'user_disabled',
      subject: { status: 'disabled' },
    })
  })

  it('knows nobody of another organization, by whatever name (U1)', async () => {
    const other = await otherOrganization(table)
    const asked = { method: 'GET', path: '/orders', address: inside }
    const names = [{ keyId }, { userId: reader.user.userId }, { username: 'reader' }]
    for (const name of [...names, { keyId: 'nonsense' }, { username: 'nobody' }])
      expect(await refusalCode(explained({ ...asked, ...name }, other.organizationId))).toBe('not_found')
  })
})

describe("the authorizer's denial", () => {
  const authorizer = (keepDecision: (decision: StoredDecision) => Promise<void>, faults: unknown[] = []) =>
    makeAuthorizer(
      {
        ...admissionOn(
          table,
          makeDenialKeeper({
            gate: () => Promise.resolve(true),
            keepDecision,
            now: Date.now,
            wait,
            onFault: (fault) => faults.push(fault),
          }),
        ),
        managementSections: [],
        onFault: (fault) => faults.push(fault),
      },
      { cacheSeconds: 5, maximumCached: 10 },
    )
  const request = {
    method: 'POST',
    path: '/orders',
    address: inside,
    aid: null,
    needs: 'endpoint',
    requestId: 'JKJaXmPLvHcESHA=',
  } as const

  it('is kept with its steps under the id of the request', async () => {
    const kept: StoredDecision[] = []
    await authorizer((decision) => {
      kept.push(decision)
      return Promise.resolve()
    })(`Bearer ${reader.token}`, request)
    expect(kept).toMatchObject([
      { requestId: request.requestId, decidedBy: 'authorizer', reason: 'permission_not_granted' },
    ])
    expect(kept[0]?.steps.at(-1)).toMatchObject({ check: 'permission', passed: false })
  })

  it('is answered all the same when keeping it fails or hangs', async () => {
    const faults: unknown[] = []
    const failing = authorizer(() => Promise.reject(new Error('no table')), faults)
    const hanging = authorizer(() => new Promise(() => undefined), faults)
    for (const authorize of [failing, hanging])
      expect(await authorize(`Bearer ${reader.token}`, request)).toMatchObject({
        allow: false,
        reason: 'permission_not_granted',
      })
    expect(faults).toHaveLength(1)
  })

  it('is not kept when the request has no id to find it by, or passed', async () => {
    const kept: StoredDecision[] = []
    const authorize = authorizer((decision) => {
      kept.push(decision)
      return Promise.resolve()
    })
    await authorize(`Bearer ${reader.token}`, { ...request, requestId: '' })
    await authorize(`Bearer ${reader.token}`, { ...request, method: 'GET' })
    expect(kept).toEqual([])
  })
})
