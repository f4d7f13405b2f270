import { inject, vi } from 'vitest'
import type { IndexName } from '../../infra/local/schema-table.ts'
import { bindGateway } from '../../lib/apis/gateway-bindings.ts'
import { apiIdNamed, createApi } from '../../lib/apis/manage-apis.ts'
import { createSection } from '../../lib/apis/sections/manage-sections.ts'
import { shareApi } from '../../lib/apis/share-api.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { ownEndpointAt } from '../../lib/reference/own-endpoint.ts'
import type { ApiId } from '../../lib/secrets/key-id.ts'
import type { Table } from '../../lib/table/document-client.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'
import { madeOnce } from '../made-once.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { expectToConform } from '../reference/conformance.ts'
import { newTestKey } from '../sessions/crafted-token.ts'
import { startKms } from '../sessions/kms-over-http.ts'
import { consoleTaskRoot } from './console-task-root.ts'
import { handlerEnvironment } from './handler-environment.ts'
import { loadHandlersIn } from './load-handlers.ts'
import { asked } from './sample-authorizer-events.ts'

export const issuer = 'https://postern.example'
export const address = '203.0.113.9'

type Answered = {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** Values of Set-Cookie. */
  readonly cookies: readonly string[]
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
}

type Asked = {
  /** The whole Authorization header. */
  readonly authorization?: string | undefined
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly query?: string
  /** Headers in addition to those for the body and the credential. */
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  readonly address?: string
}

export type Place = { readonly gatewayId: string; readonly stage?: string }

/** A function's answer in one line. */
export type Outcome = 'allowed' | string

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** What `deployment` has besides the first organization and its API. */
const newSecond = async (table: Table, first: { readonly token: string; readonly apiId: ApiId }) => {
  const dependencies = dependenciesOf(table)
  const admin = () => callerWith(table, first.token)
  const { organization, credential } = await createOrganization(
    dependencies,
    await admin(),
    { name: 'Second', administrator: { username: 'second-admin' } },
    origin,
  )
  const { organizationId } = organization
  const token = credential.token ?? ''
  const makeApi = async (of: string, name: string, section: string) => {
    const body = { name, audience: `https://${name}.example` }
    const { apiId } = await createApi(dependencies, await callerWith(table, of), body, origin)
    const endpoints = [
      { endpoint: `GET /${section}`, level: 'read' as const },
      { endpoint: `POST /${section}`, level: 'write' as const },
    ]
    const by = await callerWith(table, of)
    await createSection(dependencies, by, apiId, { name: section, title: section, endpoints }, origin)
    return apiId
  }
  const apiIds = {
    shop: first.apiId,
    ledger: await makeApi(first.token, 'ledger', 'entries'),
    parcel: await makeApi(token, 'parcel', 'parcels'),
  }
  for (const [gatewayId, apiId] of Object.entries(apiIds))
    await bindGateway(
      dependencies,
      await admin(),
      apiId,
      { gatewayId, stage: '$default', basePath: '/' },
      origin,
    )
  const share = { apiId: apiIds.shop, organizationId }
  await shareApi(dependencies, await admin(), share, { everySection: { level: 'write' } }, origin)
  return { apiIds, second: { organizationId, token } }
}

/**
 * The functions as deployed, over a real table and with real signatures. The first organization owns the APIs `shop` (section
 * `orders`) and `ledger` (section `entries`), and shares `shop` with the second organization, which owns `parcel`.
 */
export const deployment = async (
  settings: Readonly<Record<string, string>> = {},
  indexes: readonly IndexName[] = ['directory'],
) => {
  const table = await freshTable(indexes)
  const dependencies = dependenciesOf(table)
  const first = await makeOrganization(table)
  const kms = await startKms(new Map([['signing', newTestKey()]]))
  const environment = handlerEnvironment({
    TABLE_NAME: table.tableName,
    ISSUER: issuer,
    AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
    AWS_ENDPOINT_URL_KMS: await endpointOf(kms),
    ...settings,
  })
  await loadHandlersIn(environment)
  const { handler: authorizer } = await import('../../functions/authorizer.ts')

  const admin = () => callerWith(table, first.token)
  const { apiIds, second } = await madeOnce('deployment', table, () => newSecond(table, first))
  const secondAdmin = () => callerWith(table, second.token)

  const functions = new Map<string, (event: never, context: never) => Promise<unknown>>()
  const functionNamed = async (name: string) => {
    const known = functions.get(name)
    if (known !== undefined) return known
    if (name === 'console-files') vi.stubEnv('LAMBDA_TASK_ROOT', await consoleTaskRoot())
    const { handler } = await import(`../../functions/${name}.ts`)
    functions.set(name, handler)
    return handler
  }

  return {
    table,
    dependencies,
    kms,
    first: { ...first, apiIds },
    second,
    admin,
    secondAdmin,
    apiIds,
    /** The audience of tokens for each API. */
    audiences: {
      shop: `urn:postern:${apiIds.shop}`,
      ledger: 'https://ledger.example',
      parcel: 'https://parcel.example',
    },
    apiNamed: async (name: string) => {
      const { policy } = (await admin()).snapshot
      if (policy === null) throw new Error('no policy')
      return apiIdNamed(name, policy)
    },
    make: async (body: NewUserBody) => makeCaller(table, await admin(), body),
    makeInSecond: async (body: NewUserBody) => makeCaller(table, await secondAdmin(), body),

    /** All items of the table, without what every admitted call writes: its count, its sighting, the use of its credential. */
    stored: async () => {
      const items = await allItems(table)
      return items
        .filter(({ pk }) => !/^(?:RATE|SIGHTINGS)#/.test(String(pk)))
        .map(({ lastUsedAt: _, ...item }) => item)
        .sort((one, other) => (`${one['pk']} ${one['sk']}` < `${other['pk']} ${other['sk']}` ? -1 : 1))
    },

    /** A request to Postern's own API. */
    call: async (method: string, path: string, asked: Asked = {}): Promise<Answered> => {
      const endpoint = ownEndpointAt(method, path)
      if (endpoint === undefined) throw new Error(`Postern has no endpoint ${method} ${path}`)
      const {
        authorization,
        json,
        form,
        query = '',
        headers = {},
        cookies,
        address: source = address,
      } = asked
      const isForm = form !== undefined
      const body = isForm ? new URLSearchParams(form).toString() : JSON.stringify(json)
      const actual = path.split('/')
      const params = Object.fromEntries(
        endpoint.path
          .split('/')
          .flatMap((segment, index) =>
            segment.endsWith('+}')
              ? [[segment.slice(1, -2), actual.slice(index).join('/')]]
              : segment.startsWith('{')
                ? [[segment.slice(1, -1), actual[index] ?? '']]
                : [],
          ),
      )
      const event = httpEvent(method, endpoint.path, {
        path,
        params,
        query,
        address: source,
        ...(cookies === undefined ? {} : { cookies }),
        headers: {
          ...headers,
          ...(authorization === undefined ? {} : { authorization }),
          ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      })
      const handler = await functionNamed(endpoint.function)
      const result = await Reflect.apply(handler, undefined, [event, lambdaContext])
      if (!isRecord(result)) throw new Error('no answer')
      const text = typeof result['body'] === 'string' ? result['body'] : ''
      const headersGiven = isRecord(result['headers']) ? result['headers'] : {}
      const isJson = text.startsWith('{') && !String(headersGiven['content-type']).includes('ndjson')
      const read: unknown = isJson ? JSON.parse(text) : {}
      const answered = {
        status: Number(result['statusCode']),
        headers: headersGiven,
        cookies: Array.isArray(result['cookies']) ? result['cookies'].map(String) : [],
        text,
        body: isRecord(read) ? read : {},
      }
      expectToConform(endpoint, answered)
      return answered
    },

    /** The answer to an event as API Gateway sends it. */
    authorizer,

    /** A request to a protected API: `allowed` or the code that the caller gets, with the context. */
    ask: async (
      authorization: string,
      { gatewayId, stage = '$default' }: Place,
      endpoint: string,
      source = address,
    ): Promise<{ readonly outcome: Outcome; readonly context: Readonly<Record<string, string>> }> => {
      const event = asked(authorization, gatewayId, { endpoint, address: source, stage })
      const answer = await authorizer(event)
      if (!('isAuthorized' in answer)) throw new Error('not a simple response')
      const { isAuthorized, context } = answer
      return { outcome: isAuthorized ? 'allowed' : (context['code'] ?? ''), context }
    },
  }
}

export type Deployment = Awaited<ReturnType<typeof deployment>>

export const endpointOf = async ({ client }: Awaited<ReturnType<typeof startKms>>): Promise<string> => {
  const { protocol, hostname, port = 80 } = (await client.config.endpoint?.()) ?? {}
  return `${protocol}//${hostname}:${port}`
}
