import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { functionSpecs } from '../../infra/aws/functions.ts'
import { closeServer } from '../../infra/local/gateway.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'
import { makeOrganization } from '../organizations/organization.ts'
import type { Fault, FaultyDatabase } from './faulty-database.ts'
import { openFaultyDatabase } from './faulty-database.ts'
import { handlerEnvironment } from './handler-environment.ts'
import { asked } from './sample-authorizer-events.ts'

let table: Table
let database: FaultyDatabase
let token: string
let createUser: typeof import('../../functions/create-user.ts').handler
let users: typeof import('../../functions/users.ts').handler
let authorize: typeof import('../../functions/authorizer.ts').handler

beforeAll(async () => {
  table = await freshTable(['directory'])
  token = (await makeOrganization(table)).token
  database = await openFaultyDatabase()
  const environment = handlerEnvironment({
    TABLE_NAME: table.tableName,
    AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
  })
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  createUser = (await import('../../functions/create-user.ts')).handler
  users = (await import('../../functions/users.ts')).handler
  authorize = (await import('../../functions/authorizer.ts')).handler
})
afterAll(() => closeServer(database.server, 0))
beforeEach(() => {
  database.fault = () => null
  database.calls.length = 0
})

const create = (username: string, key?: string) =>
  createUser(
    httpEvent('POST', '/v1/users', {
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify({ username, generate: 'token' }),
    }),
    lambdaContext,
  )

const list = () =>
  users(httpEvent('GET', '/v1/users', { headers: { authorization: `Bearer ${token}` } }), lambdaContext)

const decide = () => authorize(asked(`Bearer ${token}`, 'unregistered'))

/** A REST API answers 500 to any error but "Unauthorized". */
const decideRest = () =>
  authorize({
    type: 'TOKEN',
    authorizationToken: `Bearer ${token}`,
    methodArn: 'arn:aws:execute-api:eu-west-1:111122223333:unregistered/prod/GET/orders',
  })

const written = async (username: string): Promise<number> =>
  (await allItems(table)).filter((item) => JSON.stringify(item).includes(username)).length

const during = (operation: string, fault: Fault) => {
  database.fault = (asked) => (asked === operation ? fault : null)
}

/** For so many calls of an operation, and then no more. */
const atFirst = (operation: string, times: number, fault: Fault) => {
  let left = times
  database.fault = (asked) => {
    if (asked !== operation || left === 0) return null
    left -= 1
    return fault
  }
}

const unavailable = {
  statusCode: 503,
  headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
  body: expect.stringContaining('"code":"temporarily_unavailable"'),
}

const lasting: [string, Fault][] = [
  ['throttles', { error: 'ThrottlingException' }],
  ['has no throughput left', { error: 'ProvisionedThroughputExceededException' }],
  ['has reached the limit of requests', { error: 'RequestLimitExceeded' }],
  ['fails inside', { error: 'InternalServerError', status: 500 }],
  ['is not there', 'unheard'],
  ['refuses us', { error: 'AccessDeniedException' }],
]

describe('F3: while DynamoDB', () => {
  it.each(lasting)(
    '%s, reading is a 500 of the authorizer and a 503 of the API (A2)',
    async (_name, fault) => {
      expect(await decide()).toMatchObject({ isAuthorized: true })
      const undecided = [
        { status: 'rejected', reason: { name: 'Undecided' } },
        { status: 'rejected', reason: { name: 'Undecided' } },
      ]
      // Of the gateway, the installation and the API.
      during('GetItem', fault)
      expect(await Promise.allSettled([decide(), decideRest()])).toMatchObject(undecided)
      // A read repeats for a second: all three do so at the same time.
      during('BatchGetItem', fault)
      expect(await Promise.allSettled([decide(), decideRest(), list()])).toMatchObject([
        ...undecided,
        { status: 'fulfilled', value: unavailable },
      ])
      database.fault = () => null
      expect(await list()).toMatchObject({ statusCode: 200 })
      expect(await decide()).toMatchObject({ isAuthorized: true })
    },
  )

  it('keeps silent, the authorizer says so before the gateway gives it up', async () => {
    const silence = Promise.withResolvers<void>()
    during('GetItem', { after: silence.promise })
    const start = performance.now()
    await expect(decide()).rejects.toMatchObject({ name: 'Undecided' })
    silence.resolve()
    expect(performance.now() - start).toBeLessThan(functionSpecs.authorizer.timeoutSeconds * 1000)
  })

  it('refuses to note the last use, the decision stands', async () => {
    during('UpdateItem', { error: 'AccessDeniedException' })
    expect(await decide()).toMatchObject({ isAuthorized: true })
  })

  it.each(lasting)('%s, writing is a 503 and writes nothing', async (name, fault) => {
    const username = `nobody-${name.replaceAll(' ', '-')}`
    during('TransactWriteItems', fault)
    expect(await create(username)).toMatchObject(unavailable)
    expect(await written(username)).toBe(0)
    database.fault = () => null
    expect(await create(username)).toMatchObject({ statusCode: 201 })
  })

  it.each([
    ['throttles', { error: 'ThrottlingException' }],
    ['fails inside', { error: 'InternalServerError', status: 500 }],
    ['drops a connection', 'unheard'],
  ] as [string, Fault][])('%s once, nobody hears of it', async (name, fault) => {
    atFirst('BatchGetItem', 1, fault)
    expect(await decide()).toMatchObject({ isAuthorized: true })
    atFirst('BatchGetItem', 1, fault)
    expect(await list()).toMatchObject({ statusCode: 200 })
    atFirst('TransactWriteItems', 1, fault)
    const username = `somebody-${name.replaceAll(' ', '-')}`
    expect(await create(username)).toMatchObject({ statusCode: 201 })
  })

  it.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
    'cancels transactions for %s, they are tried again, and given up in the end',
    async (reason) => {
      const cancelled = { error: 'TransactionCanceledException', reasons: ['None', reason, 'None'] }
      atFirst('TransactWriteItems', 3, cancelled)
      expect(await create(`patient-${reason}`)).toMatchObject({ statusCode: 201 })
      expect(database.calls.filter((call) => call === 'TransactWriteItems')).toHaveLength(4)
      during('TransactWriteItems', cancelled)
      expect(await create(`unlucky-${reason}`)).toMatchObject(unavailable)
      expect(await written(`unlucky-${reason}`)).toBe(0)
    },
  )

  it('loses the answer to a creation, what was written is answered all the same', async () => {
    during('TransactWriteItems', 'unanswered')
    const told = await create('told', 'the-key-of-it')
    expect(told).toMatchObject({ statusCode: 201 })
    database.fault = () => null
    expect(await create('told', 'the-key-of-it')).toMatchObject({ body: told.body })
  })

  it('loses the answer and goes away, it is carried out once, and repeating it gives the same (F1)', async () => {
    let isGone = false
    database.fault = (operation) => {
      isGone ||= operation === 'TransactWriteItems'
      if (!isGone) return null
      return operation === 'TransactWriteItems' ? 'unanswered' : 'unheard'
    }
    const lost = await create('answer-lost', 'the-same-key')
    expect(lost).toMatchObject(unavailable)
    database.fault = () => null
    const repeated = await create('answer-lost', 'the-same-key')
    expect(repeated).toMatchObject({ statusCode: 201 })
    expect(await create('answer-lost', 'the-same-key')).toMatchObject({ body: repeated.body })
    const made = (await allItems(table)).filter(
      (item) => item['kind'] === 'user' && item['username'] === 'answer-lost',
    )
    expect(made).toHaveLength(1)
  })

  it('loses one answer, the client asks again, and it counts once', async () => {
    atFirst('TransactWriteItems', 1, 'unanswered')
    expect(await create('answer-lost-once')).toMatchObject({ statusCode: 201 })
    const rows = (await allItems(table)).filter(
      (item) => item['kind'] === 'audit' && JSON.stringify(item).includes('"answer-lost-once"'),
    )
    expect(rows).toHaveLength(1)
  })
})
