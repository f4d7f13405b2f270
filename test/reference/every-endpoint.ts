import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UpdateCommand } from '@aws-sdk/lib-dynamodb'
import type { IndexName } from '../../infra/local/schema-table.ts'
import { bindGateway } from '../../lib/apis/gateway-bindings.ts'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { replaceLogo } from '../../lib/organizations/change-logo.ts'
import { exampleLogo } from '../../lib/organizations/logo-endpoints.ts'
import { createAccountGroup } from '../../lib/policy/manage-account-groups.ts'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { createRole } from '../../lib/policy/manage-roles.ts'
import { keys } from '../../lib/table/keys.ts'
import { uidOf } from '../../lib/users/new-user.ts'
import { consoleTaskRoot } from '../functions/console-task-root.ts'
import type { Deployment } from '../functions/deployment.ts'
import { deployment, issuer } from '../functions/deployment.ts'
import { origin } from '../organizations/organization.ts'

export type Extra = Pick<
  NonNullable<Parameters<Deployment['call']>[2]>,
  'query' | 'headers' | 'json' | 'authorization'
>

const thousandEyes = (email: string) => ({
  name: 'new one',
  email,
  loginAccountGroup: { aid: 1 },
  allAccountGroupRoles: [{ roleId: 2 }],
})

/** Where the example of the contract names what this scene has not. */
const bodies: Readonly<Record<string, unknown>> = {
  createUser: { username: 'new-one', generate: 'token', permissions: { 'ledger/entries': 'read' } },
  changeUser: { description: 'changed', whitelist: ['203.0.113.0/24'] },
  replaceUserRoles: { allAccountGroupRoles: [{ roleId: 2 }] },
  createOrganization: { name: 'Third', administrator: { username: 'third-admin' } },
  switchOrganization: { status: 'inactive' },
  createThousandEyesUser: thousandEyes('one@example.com'),
  createThousandEyesUserV6: thousandEyes('two@example.com'),
  createThousandEyesUserJson: thousandEyes('three@example.com'),
  createRole: { name: 'New role', permissions: { 'ledger/entries': 'read' } },
  changeRole: { name: 'Renamed role' },
  createSection: { name: 'fresh', endpoints: ['GET /fresh'] },
  replaceSection: { endpoints: ['GET /entries', 'GET /more'] },
  createApi: { name: 'new-api', audience: 'https://new-api.example' },
  changeApi: { audience: 'https://other-ledger.example' },
  shareApi: { sections: { entries: 'read' } },
}

const isKeyBatch = (body: unknown): body is { readonly keys: readonly object[] } =>
  typeof body === 'object' && body !== null && 'keys' in body

/** Every endpoint of the contract, through the functions as they are deployed, with good requests of an administrator. */
export const everyEndpoint = async (indexes?: readonly IndexName[]) => {
  const scene = await deployment({ MAIL_FROM: 'postern@example.com' }, indexes)
  await scene.table.client.send(
    new UpdateCommand({
      TableName: scene.table.tableName,
      Key: keys.organization(scene.first.organizationId),
      UpdateExpression: 'SET rateLimitPerMinute = :many, selfServiceKeys = :all',
      ExpressionAttributeValues: { ':many': 100_000, ':all': 'all' },
    }),
  )
  const { user } = await scene.make({ username: 'somebody' })
  const [credential] = await scene.dependencies.readCredentials(user.userId)
  const admin = await scene.admin()
  const { dependencies } = scene
  const role = await createRole(dependencies, admin, { name: 'A role' }, origin)
  const group = await createAccountGroup(dependencies, admin, { accountGroupName: 'A group' }, origin)
  const vendor = await createIntegrationVendor(dependencies, admin, 'A vendor', origin)
  const gateway = { gatewayId: 'another', stage: '$default', basePath: '/' }
  const { bindingId } = await bindGateway(dependencies, admin, scene.apiIds.ledger, gateway, origin)
  const { logo } = await replaceLogo(dependencies, await scene.secondAdmin(), exampleLogo, origin)
  const params: Readonly<Record<string, string>> = {
    userId: user.userId,
    keyId: credential?.keyId ?? '',
    api: 'ledger',
    organizationId: scene.second.organizationId,
    roleId: String(role.roleId),
    aid: String(group.aid),
    name: 'entries',
    vendorId: vendor.vendorId,
    bindingId,
    hash: logo?.hash ?? '',
    sessionId: 'ses_0123456789abcdefghij',
    factorId: 'fac_a1b2c3d4e5f6',
    uid: String(uidOf(user.userId)),
    provider: 'AWS',
    requestId: 'JKJaXmPLvHcESHA=',
    guide: 'access',
    path: 'users/new',
    file: readdirSync(join(await consoleTaskRoot(), 'console/assets'))[0] ?? '',
  }
  const pathOf = ({ path }: Endpoint): string =>
    path.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => {
      const value = params[name]
      if (value === undefined) throw new Error(`give {${name}} a value here`)
      return value
    })

  const withKeys = (body: unknown) =>
    isKeyBatch(body) ? { keys: body.keys.map((key) => ({ ...key, userId: user.userId })) } : body

  const bodyOf = ({ operationId, request: { example } }: Endpoint) => withKeys(bodies[operationId] ?? example)

  /** A good request of an administrator, but for what is added to it. */
  const ask = (endpoint: Endpoint, extra: Extra = {}) => {
    const { mediaType, accept } = endpoint.request
    const body = bodyOf(endpoint)
    const isForm = mediaType === 'application/x-www-form-urlencoded'
    return scene.call(endpoint.method, pathOf(endpoint), {
      ...(endpoint.access === 'public' ? {} : { authorization: `Bearer ${scene.first.token}` }),
      ...(body === undefined ? {} : isForm ? { form: body as Record<string, string> } : { json: body }),
      ...extra,
      headers: {
        ...(accept === undefined ? {} : { accept }),
        ...(endpoint.cookie === undefined ? {} : { origin: issuer }),
        ...(endpoint.batch === undefined ? {} : { 'idempotency-key': randomUUID() }),
        ...extra.headers,
      },
    })
  }
  return { scene, ask, bodyOf, params, user }
}

export type EveryEndpoint = Awaited<ReturnType<typeof everyEndpoint>>
