import { afterAll, beforeAll, expect, it } from 'vitest'
import { indexNames } from '../../infra/local/schema-table.ts'
import type { Endpoint } from '../../lib/contract/endpoint.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { uidOf } from '../../lib/users/new-user.ts'
import { origin } from '../organizations/organization.ts'
import type { EveryEndpoint, Extra } from './every-endpoint.ts'
import { everyEndpoint } from './every-endpoint.ts'

let every: EveryEndpoint
let authorization: string
/** Ids and names outside the reach of a manager of one account group, each beside one that nobody has. */
let pairs: Readonly<Record<string, readonly [foreign: string, unknown: string]>>

beforeAll(async () => {
  every = await everyEndpoint(indexNames)
  const { scene, params, user } = every
  const aid = Number(params['aid'])
  const { token, user: manager } = await scene.make({ username: 'of-one-group' })
  const anything = { version: null, ifMatch: null }
  await changeUser(
    scene.dependencies,
    await scene.admin(),
    manager.userId,
    { accountGroupRoles: [{ aid, roles: [5] }], loginAccountGroup: aid },
    anything,
    origin,
  )
  authorization = `Bearer ${token}`
  const nobody = 'usr_zzzzzzzzzzzzzzzz'
  pairs = {
    userId: [user.userId, nobody],
    username: [user.username, 'nobody-has-this'],
    keyId: [params['keyId'] ?? '', `${params['keyId']?.slice(0, 14)}${'z'.repeat(26)}`],
    uid: [String(uidOf(user.userId)), String(uidOf(nobody))],
    requestId: ['JKJaXmPLvHcESHA=', 'JKJaXmPLvHcESHB='],
    factorId: ['fac_a1b2c3d4e5f6', 'fac_zzzzzzzzzzzz'],
    role: ['A role', 'No such role'],
    accountGroup: ['1', '987654'],
    integrationVendor: [params['vendorId'] ?? '', 'vnd_zzzzzzzzzzzz'],
  }
  await scene.ask(`Bearer ${scene.first.token}`, { gatewayId: 'parcel' }, 'GET /parcels')
  const { settled } = await import('../../functions/wiring/behind.ts')
  await settled()
})
afterAll(() => every.scene.kms.close())

const isInGroups = ({ access }: Endpoint) => typeof access === 'object' && access.scope === 'account-group'
const fieldsOf = (schema: unknown): string[] =>
  typeof schema === 'object' && schema !== null && 'shape' in schema ? Object.keys(schema.shape ?? {}) : []

const named = [
  'userId',
  'username',
  'keyId',
  'uid',
  'requestId',
  'factorId',
  'role',
  'accountGroup',
  'integrationVendor',
]
const questions: Readonly<Record<string, object>> = {
  explainAccess: { method: 'GET', path: '/v1/users', address: '203.0.113.9' },
  checkWhitelist: { address: '203.0.113.9' },
}

/** Each place of a request of such a manager that names something: by hand only where an example has no place for it. */
const places = endpoints.filter(isInGroups).flatMap((endpoint) => {
  const { request, path } = endpoint
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ['path', name] as const)
  const inQuery = fieldsOf(request.query).map((name) => ['query', name] as const)
  const isQuestion = ['explainAccess', 'checkWhitelist'].includes(endpoint.operationId)
  const inBody = isQuestion ? fieldsOf(request.body).map((name) => ['body', name] as const) : []
  return [...inPath, ...inQuery, ...inBody]
    .filter(([, name]) => named.includes(name))
    .map(([where, name]) => [endpoint.operationId, where, name, endpoint] as const)
})

const asked = async (endpoint: Endpoint, where: 'path' | 'query' | 'body', name: string, value: string) => {
  const { params, ask } = every
  const extra: Extra =
    where === 'query'
      ? { query: new URLSearchParams({ [name]: value }).toString() }
      : where === 'body'
        ? { json: { ...questions[endpoint.operationId], [name]: value } }
        : {}
  const before = params[name] ?? ''
  Object.assign(params, where === 'path' ? { [name]: value } : {})
  const { status, text } = await ask(endpoint, { authorization, ...extra })
  Object.assign(params, { [name]: before })
  return { status, text: text.replaceAll(value, 'it') }
}

it.each(places)(
  '%s tells by the %s nothing of a %s that its caller does not reach',
  async (_id, where, name, endpoint) => {
    const [foreign, unknown] = pairs[name] ?? ['', '']
    const answer = await asked(endpoint, where, name, unknown)
    expect([200, 404]).toContain(answer.status)
    expect(await asked(endpoint, where, name, foreign)).toEqual(answer)
  },
)
