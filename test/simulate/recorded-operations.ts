import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { startDynamoDbLocal } from '../../infra/local/dynamodb-local.ts'
import { createSchemaTable } from '../../infra/local/schema-table.ts'
import { bindGateway } from '../../lib/apis/gateway-bindings.ts'
import { createApi } from '../../lib/apis/manage-apis.ts'
import { createSection } from '../../lib/apis/sections/manage-sections.ts'
import { mostShards, spreadAudit } from '../../lib/audit/shards.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { shardCount } from '../../lib/limits/shards.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { handlerEnvironment } from '../functions/handler-environment.ts'
import { asked } from '../functions/sample-authorizer-events.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'
import { callerWith, dependenciesOf, makeOrganization, origin } from '../organizations/organization.ts'
import { newTestKey } from '../sessions/crafted-token.ts'
import { startKms } from '../sessions/kms-over-http.ts'
import { assumptions } from './quotas.ts'
import type { Access } from './recorder.ts'
import { startRecorder } from './recorder.ts'

/** One kind of access of an operation. The units are for one operation. */
export type Cost = {
  /** `table`, or the name of an index. */
  readonly of: string
  /** The partition key, with `*` for what differs. */
  readonly partition: string
  /** Who shares the partition key. */
  readonly scope: 'caller' | 'organization' | 'installation'
  /** Partition keys over which one organization's operations spread. */
  readonly spread: number
  readonly readUnits: number
  readonly writeUnits: number
}

/** What a decision costs, by what the container has in its caches. */
export type DecisionCosts = {
  /** Each request, cached or not. */
  readonly request: readonly Cost[]
  /** The caller is not in the cache. */
  readonly callerLoad: readonly Cost[]
  /** The container sees the caller for the first time: last use and sightings. */
  readonly callerFirst: readonly Cost[]
  /** Neither the organization nor its API and gateway are in the cache. */
  readonly organizationLoad: readonly Cost[]
  readonly containerStart: readonly Cost[]
}

export type RecordedCosts = {
  readonly decision: DecisionCosts
  readonly login: readonly Cost[]
  readonly token: readonly Cost[]
  /** With names and an e-mail: six search words. */
  readonly newUser: readonly Cost[]
  /** Another first and last name: two search words. */
  readonly changedNames: readonly Cost[]
  readonly resetRequest: readonly Cost[]
  /** Signatures of one operation. */
  readonly signatures: { readonly login: number; readonly token: number }
}

/** Operations of each kind that are recorded, each by another user. */
const samples = 24
const cacheSeconds = 4
const password = 'a simulated passphrase'

/** A row goes to a shard by chance: how many keys the samples met is no measure of them. */
const auditShard = /^(AUDIT#[^#]+#[^#]+)#\d+$/
/** A container leases session tokens from a shard by chance, and all samples run in one container. */
const sessionShard = /^(RATE#[^#]+#sessions)(?:#\d+)?$/
const shardsOf = (partition: string): number | undefined => {
  if (auditShard.test(partition)) return mostShards
  return sessionShard.test(partition) ? shardCount(assumptions.sessionTokensPerMinute) : undefined
}

const patternOf = (partition: string): string =>
  partition
    .replace(auditShard, '$1')
    .replace(sessionShard, '$1')
    .replace(/(org|usr|key|ses|api|plc)_[a-z0-9]+/g, '$1_*')
    .replace(/[0-9a-f]{64}/, '<hash>')
    .replace(/^(USERNAME|EMAIL|GATEWAY|RESET_REQUEST|UID)#.*/, '$1#*')

const nameOf = ({ index, partition, readUnits }: Access): string =>
  `${index ?? 'table'} ${patternOf(partition)} ${readUnits > 0 ? 'read' : 'write'}`

/** One recording for each of several callers of one organization, and one of another organization. */
const costsOf = (recordings: readonly (readonly Access[])[], elsewhere: readonly Access[]): Cost[] => {
  const names = new Set(recordings.flat().map(nameOf))
  return [...names].map((name) => {
    const all = recordings.flat().filter((access) => nameOf(access) === name)
    const [first] = all
    if (first === undefined) throw new Error('unreachable')
    const partitions = new Set(all.map(({ partition }) => partition))
    const holders = recordings.filter((one) => one.some((access) => nameOf(access) === name)).length
    const isShared = holders > 1 && partitions.size < holders
    const isEverywhere = elsewhere.some(({ partition }) => partitions.has(partition))
    const scope = isEverywhere ? 'installation' : isShared ? 'organization' : 'caller'
    const mean = (unit: 'readUnits' | 'writeUnits') =>
      all.reduce((sum, access) => sum + access[unit], 0) / recordings.length
    return {
      of: first.index ?? 'table',
      partition: patternOf(first.partition),
      scope,
      spread:
        [...partitions].map(shardsOf).find((shards) => shards !== undefined) ??
        (isShared ? partitions.size : 1),
      readUnits: mean('readUnits'),
      writeUnits: mean('writeUnits'),
    }
  })
}

/** The accesses of `more` that `less` does not have, by kind. */
const beyond = (more: readonly Access[], less: readonly Access[]): Access[] => {
  const left = less.map(nameOf)
  return more.filter((access) => {
    const at = left.indexOf(nameOf(access))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/**
 * Runs the functions as they are deployed, against DynamoDB Local, and returns what each operation consumed and which partition keys
 * its callers shared. Nothing of the product's storage is written down here a second time.
 */
export const recordOperations = async (): Promise<RecordedCosts> => {
  const local = await startDynamoDbLocal({ inMemory: true })
  const recorder = await startRecorder(local.endpoint)
  const kms = await startKms(new Map([['signing', newTestKey()]]))
  try {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
    const client = new DynamoDBClient({ endpoint: local.endpoint, region: 'eu-west-1', credentials })
    const tableName = 'simulated'
    await createSchemaTable(client, tableName)
    const documents = DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    })
    const table = { tableName, chance: Math.random, client: documents }
    const endpoint = await kms.client.config.endpoint?.()
    const environment = handlerEnvironment({
      TABLE_NAME: tableName,
      AUTHORIZER_CACHE_SECONDS: String(cacheSeconds),
      AWS_ENDPOINT_URL_DYNAMODB: recorder.endpoint,
      AWS_ENDPOINT_URL_KMS: `http://${endpoint?.hostname}:${endpoint?.port}`,
    })
    Object.assign(process.env, environment)

    const dependencies = dependenciesOf(table)
    const first = await makeOrganization(table)
    const admin = () => callerWith(table, first.token)
    const second = await createOrganization(
      dependencies,
      await admin(),
      { name: 'Second', administrator: { username: 'second-admin' } },
      origin,
    )
    const secondToken = second.credential.token ?? ''
    const secondAdmin = () => callerWith(table, secondToken)
    const { apiId } = await createApi(
      dependencies,
      await secondAdmin(),
      { name: 'parcel', audience: 'https://parcel.example' },
      origin,
    )
    const endpoints = [{ endpoint: 'GET /orders', level: 'read' as const }]
    await createSection(
      dependencies,
      await secondAdmin(),
      apiId,
      { name: 'orders', title: 'Orders', endpoints },
      origin,
    )
    for (const [gatewayId, of] of [
      ['first', first.apiId],
      ['second', apiId],
    ] as const)
      await bindGateway(
        dependencies,
        await admin(),
        of,
        { gatewayId, stage: '$default', basePath: '/' },
        origin,
      )

    const make = async (caller: Caller, username: string, api: string) => {
      const permissions = { [`${api}/orders`]: 'read' as const }
      const made = await createUser(
        dependencies,
        caller,
        { username, password, permissions, generate: 'token' },
        origin,
      )
      const client = await createUser(
        dependencies,
        caller,
        { username: `${username}-client`, permissions, generate: 'key' },
        origin,
      )
      const { credential } = client
      return {
        username,
        token: made.credential?.token ?? '',
        client: `${credential?.keyId}:${credential?.secret}`,
      }
    }
    const users: Awaited<ReturnType<typeof make>>[] = []
    for (let index = 0; index < samples; index += 1)
      users.push(await make(await admin(), `user-${index}`, 'shop'))
    const stranger = await make(await secondAdmin(), 'stranger', 'parcel')

    const { handler: authorizer } = await import('../../functions/authorizer.ts')
    const decide = (token: string, gateway: string) =>
      recorder.record(async () => {
        const answer = await authorizer(asked(`Bearer ${token}`, gateway))
        if (!('isAuthorized' in answer) || !answer.isAuthorized)
          throw new Error('the simulated caller is denied')
      })
    const few = users.slice(0, 6)
    const [one] = few
    if (one === undefined) throw new Error('no users')
    const cold = await decide(one.token, 'first')
    const warm = await decide(one.token, 'first')
    const others: (readonly Access[])[] = []
    for (const user of few.slice(1)) others.push(await decide(user.token, 'first'))
    const elsewhere = await decide(stranger.token, 'second')
    await sleep(cacheSeconds * 1000 + 200)
    await decide(one.token, 'first')
    const again: (readonly Access[])[] = []
    for (const user of few.slice(1)) again.push(await decide(user.token, 'first'))
    await sleep(cacheSeconds * 1000 + 200)
    const elsewhereAgain = await decide(stranger.token, 'second')

    let posted = 0
    const send = async (
      name: string,
      route: string,
      request: { headers: Readonly<Record<string, string>>; body: string; address: string },
      userId?: string,
    ): Promise<string> => {
      const { handler } = await import(`../../functions/${name}.ts`)
      posted += 1
      const [method = '', template = ''] = route.split(' ')
      const path = template.replace('{userId}', String(userId))
      const params = userId === undefined ? {} : { userId }
      const event = httpEvent(method, template, { ...request, path, params })
      const requestContext = { ...event.requestContext, requestId: `request-${posted}` }
      const result = await handler({ ...event, requestContext }, lambdaContext)
      if (result.statusCode >= 300) throw new Error(`${route} answers ${result.statusCode}: ${result.body}`)
      return result.body
    }
    const post = async (
      name: string,
      path: string,
      headers: Readonly<Record<string, string>>,
      body: string,
      address: string,
    ) => {
      await send(name, `POST ${path}`, { headers, body, address })
    }
    const json = { 'content-type': 'application/json' }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const logIn = (username: string, address: string) =>
      post('login', '/v1/auth/login', json, JSON.stringify({ username, password }), address)
    const token = (client: string, address: string) =>
      post(
        'oauth',
        '/oauth/token',
        { ...form, authorization: `Basic ${btoa(client)}` },
        'grant_type=client_credentials',
        address,
      )
    const create = async (by: string, username: string, address: string) => {
      const headers = { ...json, authorization: `Bearer ${by}` }
      const names = { firstName: 'Ada', lastName: 'Lovelace' }
      const user = { username, email: `${username}@partner.example`, ...names, generate: 'token' }
      const body = await send('create-user', 'POST /v1/users', {
        headers,
        body: JSON.stringify(user),
        address,
      })
      return String(JSON.parse(body).user.userId)
    }
    const rename = (by: string, userId: string, address: string) => {
      const headers = { ...json, authorization: `Bearer ${by}` }
      const body = JSON.stringify({ firstName: 'Augusta', lastName: 'Byron', name: 'Augusta Byron' })
      return send('users', 'PATCH /v1/users/{userId}', { headers, body, address }, userId)
    }
    const reset = (login: string, address: string) =>
      post('request-password-reset', '/v1/password-resets', json, JSON.stringify({ login }), address)
    const signatures = () => kms.calls.filter(({ operation }) => operation === 'Sign').length

    const each = async (
      work: (user: (typeof users)[number], address: string, index: number) => Promise<void>,
    ) => {
      const recordings: (readonly Access[])[] = []
      for (const [index, user] of users.entries())
        recordings.push(await recorder.record(() => work(user, `198.51.100.${index + 1}`, index)))
      return recordings
    }
    // The first call of a container also reads the key, and is not counted.
    await logIn(stranger.username, '192.0.2.1')
    await token(stranger.client, '192.0.2.1')
    await create(secondToken, 'made-elsewhere', '192.0.2.1')
    // As DynamoDB makes it: the first throttled row of an organization spreads its audit.
    await dependencies.write([spreadAudit(first.organizationId)])
    const signedBefore = signatures()
    const logins = await each((user, address) => logIn(user.username, address))
    const signedByLogins = signatures() - signedBefore
    const tokens = await each((user, address) => token(user.client, address))
    const signedByTokens = signatures() - signedBefore - signedByLogins
    const resets = await each((user, address) => reset(user.username, address))
    const made: string[] = []
    const newUsers = await each(async (_user, address, index) => {
      made.push(await create(first.token, `made-${index}`, address))
    })
    // The first call of a container reads more.
    await rename(first.token, made[0] ?? '', '192.0.2.1')
    const renamed = made.slice(1)
    const changes: (readonly Access[])[] = []
    for (const [index, userId] of renamed.entries())
      changes.push(await recorder.record(() => rename(first.token, userId, `198.51.100.${index + 1}`)))
    const foreign = await create(secondToken, 'made-to-rename', '192.0.2.1')

    return {
      decision: {
        request: costsOf([warm], []),
        callerLoad: costsOf(
          again.map((one) => beyond(one, warm)),
          elsewhereAgain,
        ),
        callerFirst: costsOf(
          others.map((one, index) => beyond(one, again[index] ?? [])),
          elsewhere,
        ),
        organizationLoad: costsOf([beyond(elsewhereAgain, again[0] ?? [])], []).map((cost) => ({
          ...cost,
          scope: 'organization',
        })),
        containerStart: costsOf([beyond(cold, elsewhere)], []).map((cost) => ({
          ...cost,
          scope: 'installation',
        })),
      },
      login: costsOf(logins, await recorder.record(() => logIn(stranger.username, '192.0.2.1'))),
      token: costsOf(tokens, await recorder.record(() => token(stranger.client, '192.0.2.1'))),
      resetRequest: costsOf(resets, await recorder.record(() => reset(stranger.username, '192.0.2.1'))),
      newUser: costsOf(newUsers, await recorder.record(() => create(secondToken, 'made-later', '192.0.2.1'))),
      changedNames: costsOf(changes, await recorder.record(() => rename(secondToken, foreign, '192.0.2.1'))),
      signatures: { login: signedByLogins / samples, token: signedByTokens / samples },
    }
  } finally {
    recorder.close()
    await kms.close()
    await local.stop()
  }
}
