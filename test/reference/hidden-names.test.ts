import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { indexNames } from '../../infra/local/schema-table.ts'
import { createAccountGroup } from '../../lib/policy/manage-account-groups.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { createRole } from '../../lib/policy/manage-roles.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { keepDecision } from '../../lib/refusals/kept-decision-store.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { keys } from '../../lib/table/keys.ts'
import { itemKinds } from '../../lib/table/schema.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import type { Deployment } from '../functions/deployment.ts'
import { deployment } from '../functions/deployment.ts'
import { origin } from '../organizations/organization.ts'

let deployed: Deployment
/** Manages the account group 1 only. */
let authorization: string
/** By parameter: what names the hidden user or what only it has, and what nobody has. */
let named: Readonly<Record<string, readonly [hidden: string, unknown: string]>>

/** Parameters that name nothing that could be hidden. */
const unnaming = [
  'from',
  'to',
  'order',
  'limit',
  'cursor',
  'format',
  'p',
  'reason',
  'proven',
  'status',
  'accessLevel',
  'membership',
  'hasOwnGrants',
]
const lists = endpoints.filter(
  ({ method, access, request, path }) =>
    method === 'GET' &&
    request.query !== undefined &&
    !path.includes('{') &&
    typeof access === 'object' &&
    access.scope === 'account-group',
)
const filters = lists.flatMap((list) =>
  Object.keys(list.request.query?.shape ?? {})
    .filter((name) => !unnaming.includes(name))
    .map((name) => [list.operationId, name, list] as const),
)

beforeAll(async () => {
  deployed = await deployment({}, indexNames)
  const { dependencies, first } = deployed
  const admin = await deployed.admin()
  const { aid } = await createAccountGroup(dependencies, admin, { accountGroupName: 'Far away' }, origin)
  const { vendorId } = await createIntegrationVendor(dependencies, admin, 'Far vendor', origin)
  const { roleId } = await createRole(dependencies, admin, { name: 'Far role' }, origin)
  const { user } = await deployed.make({
    username: 'hidden-somebody',
    integrationVendor: vendorId,
  })
  const assign = (userId: UserId, roles: NonNullable<UserChange['accountGroupRoles']>) =>
    changeUser(
      dependencies,
      admin,
      userId,
      { accountGroupRoles: roles },
      { version: null, ifMatch: null },
      origin,
    )
  await assign(user.userId, [{ aid, roles: [roleId] }])
  const apiId = deployed.apiIds.ledger
  const at = Date.now()
  // More than a page of one row looks at.
  for (let index = 0; index < 15; index += 1) {
    const { organizationId } = first
    const requestId = `hidden-${index}`
    await keepDecision(deployed.table, {
      ...keys.decision(organizationId, requestId),
      ...{ kind: itemKinds.decision, organizationId, requestId, at: new Date(at - index).toISOString() },
      ...{ decidedBy: 'authorizer', apiId, method: 'GET', path: '/entries', address: '203.0.113.9', aid },
      ...{ reason: 'permission_not_granted', steps: [], proven: true, keyId: null, actingUserId: null },
      ...{ userId: user.userId, username: user.username, expiresAtSeconds: Math.floor(at / 1000) + 3600 },
    })
  }
  const { user: local, token } = await deployed.make({ username: 'local', loginAccountGroup: 1 })
  await assign(local.userId, [{ aid: 1, roles: [5] }])
  authorization = `Bearer ${token}`
  named = {
    userId: [user.userId, 'usr_00000000000000000000'],
    q: ['hidden-somebody', 'hidden-nobody'],
    role: [String(roleId), '987654'],
    accountGroup: [String(aid), '987654'],
    integrationVendor: [vendorId, 'vnd_000000000000'],
  }
})
afterAll(() => deployed.kms.close())

/** Names of APIs are no secret to whoever manages users of the organization. */
const known = ['apiId']

describe('a list of what a manager of some account groups may see', () => {
  it.each(filters.filter(([, name]) => !known.includes(name)))(
    'is the same for what is hidden and for what is not there: %s by %s',
    async (_, name, { path, request }) => {
      const limit = 'limit' in (request.query?.shape ?? {}) ? '&limit=1' : ''
      const [hidden, unknown] = named[name] ?? ['', '']
      const about = async (value: string, as = authorization) => {
        const { status, body } = await deployed.call('GET', path, {
          authorization: as,
          query: `${name}=${value}${limit}`,
        })
        return { status, ...body, requestId: null }
      }
      expect(await about(hidden)).toEqual(await about(unknown))
      // Who sees all finds it.
      const all = `Bearer ${deployed.first.token}`
      expect(await about(hidden, all)).not.toEqual(await about(unknown, all))
    },
  )

  it('has no filter of which nobody thought here', () => {
    expect(filters.length).toBeGreaterThan(4)
    const unheard = filters
      .map(([, name]) => name)
      .filter((name) => !known.includes(name) && !(name in named))
    expect(unheard).toEqual([])
  })
})
