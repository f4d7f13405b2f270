import { hash, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { endpoints } from '../../lib/reference/endpoints.ts'
import type { UserId } from '../../lib/secrets/key-id.ts'
import { maximumBatchPasswords } from '../../lib/users/user-batch-endpoints.ts'
import type { Deployment } from './deployment.ts'
import { deployment } from './deployment.ts'

let scene: Deployment
beforeAll(async () => {
  scene = await deployment()
})

type Result = {
  readonly status: number
  readonly user?: { readonly userId: UserId; readonly username: string }
  readonly credential?: { readonly keyId: string; readonly token?: string; readonly imported?: true }
  readonly problem?: { readonly code: string; readonly errors?: readonly { readonly path: string }[] }
}

type Sending = { readonly key?: string; readonly query?: string; readonly token?: string }

const send = (path: string, json: unknown, { key = randomBytes(8).toString('hex'), ...more }: Sending = {}) =>
  scene.call('POST', path, {
    authorization: `Bearer ${more.token ?? scene.first.token}`,
    headers: { 'idempotency-key': key },
    query: more.query ?? '',
    json,
  })

const resultsOf = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) =>
  body['results'] as readonly Result[]
const outcomes = (answer: Parameters<typeof resultsOf>[0]) =>
  resultsOf(answer).map(({ status, problem }) => problem?.code ?? status)
const users = async (list: readonly unknown[], sending?: Sending) =>
  await send('/v1/users:batch', { users: list }, sending)
const keys = async (list: readonly object[], sending?: Sending) =>
  await send('/v1/keys:batch', { keys: list }, sending)

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ username: `${prefix}-${index}` }))
const newHash = () => hash('sha256', randomBytes(32), 'hex')
const rowsOf = async (action: string) =>
  (await scene.stored()).filter((row) => row['kind'] === 'audit' && row['action'] === action)
const storedUsers = async (prefix: string) =>
  (await scene.stored()).filter(
    ({ kind, username }) => kind === 'user' && String(username).startsWith(`${prefix}-`),
  )

describe('a batch', () => {
  it.each(endpoints.filter(({ batch }) => batch !== undefined).map((one) => [one.operationId, one] as const))(
    'stands for operations of its own function and its own right: %s',
    (_, { batch, ...whole }) => {
      for (const item of [{}, { hash: '' }]) {
        const single = endpoints.find(({ operationId }) => operationId === batch?.operationOf(item))
        expect(single).toMatchObject({
          function: whole.function,
          access: whole.access,
          dryRun: whole.dryRun,
          tag: whole.tag,
        })
      }
    },
  )

  it('makes a hundred users, each with its row in the audit, and tells of them in order', async () => {
    const before = (await rowsOf('user.created')).length
    const answer = await users(names('hundred', 100))
    expect(answer.status).toBe(200)
    expect(resultsOf(answer).map(({ status, user }) => `${status} ${user?.username}`)).toEqual(
      names('hundred', 100).map(({ username }) => `201 ${username}`),
    )
    expect(await storedUsers('hundred')).toHaveLength(100)
    expect((await rowsOf('user.created')).length - before).toBe(100)
  })

  it('refuses each bad item as its own request is refused, and makes the others', async () => {
    const answer = await users([
      { username: 'mixed-good' },
      { username: 'mixed bad' },
      { username: 'mixed-role', role: 'No such role' },
      { username: 'mixed-weak', password: 'password' },
      { username: 'mixed-colour', colour: 'red', userId: 'usr_1' },
      'mixed',
      { username: 'MIXED-GOOD' },
      { generate: 'key' },
    ])
    expect(outcomes(answer)).toEqual([
      201,
      'invalid_request',
      'invalid_request',
      'password_rejected',
      'invalid_request',
      'invalid_request',
      'username_taken',
      201,
    ])
    const paths = resultsOf(answer).map(({ problem }) => problem?.errors?.map(({ path }) => path))
    expect(paths).toEqual([
      undefined,
      ['username'],
      ['role'],
      ['password'],
      ['colour', 'userId'],
      [''],
      ['username'],
      undefined,
    ])
    for (const [index, json] of [
      [1, { username: 'mixed bad' }],
      [3, { username: 'mixed-weak', password: 'password' }],
    ] as const) {
      const single = await scene.call('POST', '/v1/users', {
        authorization: `Bearer ${scene.first.token}`,
        json,
      })
      expect(resultsOf(answer)[index]).toEqual({ status: single.status, problem: single.body })
    }
    expect((await storedUsers('mixed')).map(({ username }) => username)).toEqual(['mixed-good'])
  })

  it('is carried out once for each key: a repetition gets the same answers, and makes what was corrected', async () => {
    const list = [{ generate: 'token' as const, username: 'again-1' }, { generate: 'key' as const }]
    const first = await users([...list, { username: 'again-3', role: 'Usr' }], { key: 'again' })
    expect(outcomes(first)).toEqual([201, 201, 'invalid_request'])
    const stored = await scene.stored()
    const lost = await users([...list, { username: 'again-3', role: 'Usr' }], { key: 'again' })
    expect(lost.text).toBe(first.text)
    expect(await scene.stored()).toEqual(stored)

    const corrected = await users([...list, { username: 'again-3', role: 'User' }], { key: 'again' })
    expect(outcomes(corrected)).toEqual([201, 201, 201])
    expect(resultsOf(corrected).slice(0, 2)).toEqual(resultsOf(first).slice(0, 2))
    const shifted = await users([...list].reverse(), { key: 'again' })
    expect(outcomes(shifted)).toEqual(['idempotency_mismatch', 'idempotency_mismatch'])
  })

  it('shares no item with a batch whose key begins alike', async () => {
    const key = randomBytes(8).toString('hex')
    expect(outcomes(await users(names('eleven', 12), { key }))).toEqual(Array(12).fill(201))
    expect(outcomes(await users(names('one', 2), { key: `${key}1` }))).toEqual([201, 201])
  })

  it('makes one thing of each item when it races itself', async () => {
    const list = [...names('race', 20), { generate: 'key' }]
    const answers = await Promise.all([users(list, { key: 'race' }), users(list, { key: 'race' })])
    for (const answer of answers) expect(new Set(outcomes(answer))).toEqual(new Set([201]))
    expect(answers[0]?.text).toBe(answers[1]?.text)
    expect(await storedUsers('race')).toHaveLength(20)
  })

  it('is refused as a whole when it is no batch, and then nothing is made', async () => {
    const stored = await scene.stored()
    const passwords = names('hashed', maximumBatchPasswords + 1).map((user) => ({
      ...user,
      password: 'a long enough passphrase',
    }))
    for (const [path, json] of [
      ['users', { users: names('many', 101) }],
      ['users', { users: [] }],
      ['users', { users: {} }],
      ['users', {}],
      ['keys', { users: names('many', 1), keys: [] }],
      [`users.${maximumBatchPasswords}.password`, { users: passwords }],
    ] as const) {
      const answer = await send('/v1/users:batch', json)
      expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ path }] }])
    }
    const unnamed = await scene.call('POST', '/v1/users:batch', {
      authorization: `Bearer ${scene.first.token}`,
      json: { users: names('many', 1) },
    })
    expect([unnamed.status, unnamed.body]).toMatchObject([400, { errors: [{ path: 'idempotency-key' }] }])
    expect(await scene.stored()).toEqual(stored)
  })

  it('takes as many passwords as it says', async () => {
    const list = names('hashing', maximumBatchPasswords).map((user) => ({
      ...user,
      password: 'a long enough passphrase',
    }))
    expect(new Set(outcomes(await users(list)))).toEqual(new Set([201]))
  })

  it('foresees each item in a dry run, and writes nothing', async () => {
    const stored = await scene.stored()
    const dry = await users([{ username: 'dry-1', generate: 'token' }, { username: 'dry 2' }], {
      query: 'dryRun=true',
    })
    expect(outcomes(dry)).toEqual([200, 'invalid_request'])
    expect(dry.body['dryRun']).toMatchObject({ changes: [{ action: 'user.created' }] })
    expect(dry.text).not.toContain('"credential":{')
    expect(await scene.stored()).toEqual(stored)
  })
})

describe('a batch of keys', () => {
  it('makes and imports them for several users, those of one user in order', async () => {
    const [one, other] = resultsOf(await users(names('owner', 2))).map(({ user }) => user?.userId ?? '')
    const imported = { userId: one, name: 'old', kind: 'token', hash: newHash() }
    const answer = await keys([
      { userId: one, name: 'new', kind: 'token' },
      imported,
      { ...imported, userId: other },
      { userId: other, name: 'client', kind: 'key', clientId: 'client-of-batch', hash: newHash() },
      { name: 'nobody', kind: 'token' },
      { userId: 'usr_0000000000000000', name: 'nobody', kind: 'token' },
      { userId: one, name: 'salted', kind: 'token', hash: 'no hash' },
      ...Array.from({ length: 49 }, (_, index) => ({ userId: one, name: `key ${index}`, kind: 'key' })),
    ])
    const told = outcomes(answer)
    expect(told[0]).toBe(201)
    // Imported once, for whomever.
    expect([...told.slice(1, 3)].sort()).toEqual([201, 'already_imported'])
    expect(told.slice(3, 7)).toEqual([201, 'invalid_request', 'not_found', 'invalid_request'])
    const isFirst = told[1] === 201
    expect(told.slice(7)).toEqual([
      ...Array.from({ length: 48 }, () => 201),
      isFirst ? 'key_limit_reached' : 201,
    ])
    const [made] = resultsOf(answer)
    const taken = resultsOf(answer)[isFirst ? 1 : 2]
    expect(taken?.credential).toMatchObject({ imported: true })
    expect(taken?.credential).not.toHaveProperty('token')
    const self = await scene.call('GET', '/v1/users/me', {
      authorization: `Bearer ${made?.credential?.token}`,
    })
    expect(self.body).toMatchObject({ user: { userId: one } })
  })

  it('gives the same keys to whoever repeats it', async () => {
    const [owner] = resultsOf(await users(names('repeats', 1)))
    const list = [1, 2].map(() => ({ userId: owner?.user?.userId, name: 'same', kind: 'token' }))
    const first = await keys(list, { key: 'keys' })
    expect((await keys(list, { key: 'keys' })).text).toBe(first.text)
    const [one, other] = resultsOf(first)
    expect(one?.credential?.token).not.toBe(other?.credential?.token)
  })
})

describe('the rights of a batch', () => {
  it('are those of each single call, and what is refused for them is noted like a refused call', async () => {
    const manager = await scene.make({
      username: 'batch-manager',
      permissions: {
        'postern-users': 'write',
        'postern-credentials': 'write',
        'ledger/entries': 'read',
      },
    })
    const { token } = manager
    const granted = await users(
      [
        { username: 'granted-1', permissions: { 'ledger/entries': 'read' } },
        { username: 'granted-2', permissions: { 'ledger/entries': 'write' } },
        { username: 'granted-3', role: 'Admin' },
      ],
      { token },
    )
    expect(outcomes(granted)).toEqual([201, 'grant_not_held', 'grant_not_held'])
    const admin = await scene.admin()
    const { user: stranger } = await scene.makeInSecond({ username: 'stranger' })
    const made = await keys(
      [
        { userId: resultsOf(granted)[0]?.user?.userId, name: 'fine', kind: 'token' },
        { userId: admin.subject.userId, name: 'above', kind: 'token' },
        { userId: stranger.userId, name: 'elsewhere', kind: 'token', hash: newHash() },
      ],
      { token },
    )
    expect(outcomes(made)).toEqual([201, 'grant_not_held', 'not_found'])
    const refused = (await rowsOf('request.refused')).filter(({ actorUserId, actor }) =>
      JSON.stringify([actorUserId, actor]).includes(manager.user.userId),
    )
    expect(refused.length).toBeGreaterThan(0)
  })

  it('are needed before anything is read', async () => {
    const { token } = await scene.make({ username: 'batch-nobody' })
    expect((await users(names('nobody', 1), { token })).status).toBe(403)
    expect((await keys([{ userId: 'x', name: 'x', kind: 'key' }], { token })).status).toBe(403)
  })
})

it('what handlers write is refused where DynamoDB would refuse it with all indexes', async () => {
  const { DynamoDBClient, DynamoDBDocumentClient, PutCommand } = await import(
    '../../functions/wiring/aws/dynamodb.ts'
  )
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 1 }))
  const Item = { pk: 'AUDIT#1', sk: 'AUDIT#1', byUser: null }
  await expect(client.send(new PutCommand({ TableName: 'any', Item }))).rejects.toThrow('byUser of an index')
})
