import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { inject } from 'vitest'
import { permissionKey } from '../../lib/decision/stored-grants.ts'
import { StoredAccessPolicy } from '../../lib/identity/stored-organization.ts'
import { readAccessPolicy } from '../../lib/policy/access-policy-store.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import type { ApiId, OrganizationId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { freshTable } from '../fresh-table.ts'
import { handlerEnvironment } from '../functions/handler-environment.ts'
import { loadHandlersIn } from '../functions/load-handlers.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'
import { makeOrganization } from '../organizations/organization.ts'

/** The account groups and roles of the ThousandEyes documentation, and some with difficult names. */
const documented = (apiId: ApiId) => ({
  accountGroups: [
    { aid: 315, name: 'API Sandbox', version: 1 },
    { aid: 691, name: 'Documentation', version: 1 },
    { aid: 700, name: ']]> & <b>"\'💥\ufffe', version: 1 },
  ],
  roles: [
    {
      roleId: 57,
      name: 'Organization Admin (custom)',
      permissions: { 'postern-users': 'read' },
    },
    { roleId: 60, name: 'Regular User (custom)', permissions: { [permissionKey(apiId, 'orders')]: 'read' } },
    { roleId: 1140, name: 'Account Group Reader', permissions: { [permissionKey(apiId, 'orders')]: 'read' } },
  ].map((role) => ({
    ...role,
    endpoints: [],
    everySection: [],
    impersonation: 'none',
    impersonationTargets: [],
    impersonationEpoch: 0,
    version: 1,
  })),
})

const addDocumentedAccess = async (table: Table, organizationId: OrganizationId): Promise<void> => {
  const policy = await readAccessPolicy(table, organizationId)
  const Item = StoredAccessPolicy.parse({ ...policy, ...documented(policy?.apis[0]?.apiId ?? 'api_') })
  await table.client.send(new PutCommand({ TableName: table.tableName, Item }))
}

/** The function as deployed, over the test's table with one organization. */
export const openDropIn = async () => {
  const table = await freshTable(['directory'])
  const organization = await makeOrganization(table)
  await addDocumentedAccess(table, organization.organizationId)
  await table.client.send(
    new UpdateCommand({
      TableName: table.tableName,
      Key: keys.organization(organization.organizationId),
      UpdateExpression: 'SET rateLimitPerMinute = :many',
      ExpressionAttributeValues: { ':many': 100_000 },
    }),
  )
  const environment = handlerEnvironment({
    TABLE_NAME: table.tableName,
    AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
    ISSUER: 'https://api.example.com',
    SIGNING_KEY_ID: 'no-session-is-used',
  })
  await loadHandlersIn(environment)
  const { handler } = await import('../../functions/drop-in.ts')
  const send = async (path: string, given: Given) => {
    const { headers = {}, query = '', body, authorization = organization.token, aid } = given
    const event = httpEvent(given.method ?? 'POST', path, {
      query: [query, ...(aid === undefined ? [] : [`aid=${aid}`])].filter(Boolean).join('&'),
      headers: {
        'content-type': 'application/json',
        ...(authorization === '' ? {} : { authorization }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...routed(given.method ?? 'POST', path),
    })
    const result = await handler(event, lambdaContext)
    const named = Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
    const text = result.body ?? ''
    return { status: result.statusCode, headers: Object.fromEntries(named), text, json: parsed(text) }
  }
  return { table, organization, send }
}

type Given = {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
  readonly aid?: string | number
  /** Default: the administrator's bare token; empty = none. */
  readonly authorization?: string
}

/** What API Gateway adds: the matching route and its parameters. */
const routed = (method: string, path: string) => {
  const template = ownEndpointAt(method, path)?.path ?? path
  const segments = path.split('/')
  const params = template.split('/').flatMap((segment, index) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    return name === undefined ? [] : [[name, segments[index] ?? '']]
  })
  return { routeKey: `${method} ${template}`, params: Object.fromEntries(params) }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`
