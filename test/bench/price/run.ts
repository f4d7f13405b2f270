import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb'
import { projectRoot } from '../../../infra/aws/project-root.ts'
import { asked as askedOf } from '../../functions/sample-authorizer-events.ts'
import { startRecorder, storedBytes } from '../../simulate/recorder.ts'
import { apiCall } from '../api-call.ts'
import { bundleFunctions } from '../cold/bundles.ts'
import { gatewayId, openScene } from '../cold/scene.ts'
import { type ExecutionEnvironment, startEnvironment } from './execution-environment.ts'
import { meter } from './meter.ts'
import { assumed, bytesPerLogEvent, prices } from './published-prices.ts'

/**
 * The price of a million calls of each kind, without API Gateway: the bundles run under a Runtime API against DynamoDB Local and a
 * KMS, and what they use is priced. Fails above a budget. docs/price.md explains the columns.
 */

type Use = {
  readonly cpuMilliseconds: number
  readonly readUnits: number
  readonly writeUnits: number
  readonly databaseCalls: number
  readonly kmsCalls: number
  readonly logBytes: number
}
type Row = Use & { readonly name: string; readonly megabytes: number; readonly budget: number | null }

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const sizeOf = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + Buffer.byteLength(line) + bytesPerLogEvent, 0)

const scene = await openScene()
const names = ['authorizer', 'create-user', 'users', 'login', 'oauth']
const definitions = new Map(
  names.map((name) => {
    const found = scene.functions.get(name)
    if (found === undefined) throw new Error(`the stack has no function ${name}`)
    return [name, found] as const
  }),
)
const entries = new Map([...definitions].map(([name, { entry }]) => [name, entry]))
const bundleOf = await bundleFunctions(projectRoot, entries, join(scene.folder, 'own'))
const anyEnvironment = definitions.get('authorizer')?.environment
const { TABLE_NAME: tableName }: Readonly<Record<string, string>> = { ...anyEnvironment }
const recorder = await startRecorder(String(anyEnvironment?.AWS_ENDPOINT_URL_DYNAMODB))
const database = await meter(recorder.endpoint)
const kms = await meter(String(anyEnvironment?.AWS_ENDPOINT_URL_KMS))
const started: ExecutionEnvironment[] = []
const rows: Row[] = []
/** Of one user, with a token. */
let stored = { table: 0, indexes: 0 }

const environmentOf = async (name: string, change: Readonly<Record<string, string>> = {}) => {
  const made = await startEnvironment(join(scene.folder, 'own/bootstrap.mjs'), bundleOf(name).folder, {
    ...definitions.get(name)?.environment,
    AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
    AWS_ENDPOINT_URL_KMS: kms.endpoint,
    ...change,
  })
  started.push(made)
  return made
}

/** Invokes the function with each event, and returns its answers. The row has the mean of all but the first. */
const measure = async (
  name: string,
  {
    of,
    environment,
    budget = null,
  }: { of: string; environment: ExecutionEnvironment; budget?: number | null },
  events: readonly unknown[],
  isDone: (answer: Readonly<Record<string, unknown>>) => boolean,
): Promise<Readonly<Record<string, unknown>>[]> => {
  const invoke = async (event: unknown) => {
    const { payload, cpuMicroseconds } = await environment.invoke(event)
    if (!isRecord(payload) || !isDone(payload)) throw new Error(`${name}: ${JSON.stringify(payload)}`)
    return { payload, cpuMicroseconds }
  }
  const [first, ...others] = events

  const warm = await invoke(first)
  await environment.takeLines()
  const before = { database: database.calls(), kms: kms.calls() }
  const answers = [warm]
  const accesses = await recorder.record(async () => {
    for (const event of others) answers.push(await invoke(event))
  })
  const lines = await environment.takeLines()
  const each = (total: number): number => total / others.length
  const unitsOf = (unit: 'readUnits' | 'writeUnits'): number =>
    each(accesses.reduce((sum, access) => sum + access[unit], 0))
  rows.push({
    name,
    budget,
    megabytes: definitions.get(of)?.memoryMegabytes ?? Number.NaN,
    cpuMilliseconds: each(((answers.at(-1)?.cpuMicroseconds ?? 0) - warm.cpuMicroseconds) / 1000),
    readUnits: unitsOf('readUnits'),
    writeUnits: unitsOf('writeUnits'),
    databaseCalls: each(database.calls() - before.database),
    kmsCalls: each(kms.calls() - before.kms),
    logBytes: each(sizeOf(lines)),
  })
  return answers.map(({ payload }) => payload)
}

/** Billed are whole milliseconds. */
const millisecondsOf = (use: Row): number =>
  Math.ceil(
    (use.cpuMilliseconds * assumed.megabytesPerProcessor) /
      Math.min(use.megabytes, assumed.megabytesPerProcessor) +
      use.databaseCalls * assumed.dynamoDbMilliseconds +
      use.kmsCalls * assumed.kmsMilliseconds,
  )

const priceOf = (use: Row) => {
  const perMillion = {
    requests: prices.lambdaRequest,
    compute: (millisecondsOf(use) / 1000) * (use.megabytes / 1024) * prices.lambdaGigabyteSecond,
    table: use.readUnits * prices.readUnit + use.writeUnits * prices.writeUnit,
    kms: use.kmsCalls * prices.kmsRequest,
    logs: use.logBytes * prices.logByte.STANDARD,
  }
  const parts = Object.entries(perMillion).map(([name, usd]) => [name, usd * 1e6] as const)
  return { parts: Object.fromEntries(parts), total: parts.reduce((sum, [, usd]) => sum + usd, 0) }
}

const asked = (token: string) => askedOf(`Bearer ${token}`, gatewayId)
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const isAllowed = ({ isAuthorized }: Readonly<Record<string, unknown>>) => isAuthorized === true
const hasStatus = (status: number) => (answer: Readonly<Record<string, unknown>>) =>
  answer['statusCode'] === status

try {
  const creating = await environmentOf('create-user')
  const made = await measure(
    'create a user with a token',
    { of: 'create-user', environment: creating },
    many(33, (index) =>
      apiCall('POST /v1/users', {
        token: scene.adminToken,
        json: {
          username: `caller-${index}`,
          permissions: { 'shop/orders': 'read' },
          whitelist: ['203.0.113.0/24'],
          generate: 'token',
        },
      }),
    ),
    hasStatus(201),
  )
  const tokens = made.map((answer) => String(JSON.parse(String(answer['body'])).credential.token))
  await measure(
    'create a user with a password',
    { of: 'create-user', environment: creating },
    many(21, (index) =>
      apiCall('POST /v1/users', {
        token: scene.adminToken,
        json: { username: `person-${index}`, password: 'a bench passphrase' },
      }),
    ),
    hasStatus(201),
  )

  const people = await measure(
    'create a user with names and an e-mail (six search words)',
    { of: 'create-user', environment: creating },
    many(21, (index) =>
      apiCall('POST /v1/users', {
        token: scene.adminToken,
        json: {
          username: `ada-${index}`,
          email: `ada.${index}@partner.example`,
          firstName: 'Ada',
          lastName: `Lovelace${index}`,
          generate: 'token',
        },
      }),
    ),
    hasStatus(201),
  )
  const { userId } = JSON.parse(String(people.at(-1)?.['body'])).user
  const client = new DynamoDBClient({
    endpoint: anyEnvironment?.AWS_ENDPOINT_URL_DYNAMODB ?? '',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `USER#${userId}` } },
    }),
  )
  stored = Items.map((item) => storedBytes(item)).reduce(
    (sum, { table, indexes }) => ({ table: sum.table + table, indexes: sum.indexes + indexes }),
    stored,
  )
  const changing = { of: 'users', environment: await environmentOf('users') }
  const changes = [
    [
      "change a user's last name",
      (index: number) => ({ lastName: `King${index}`, name: `Ada King${index}` }),
    ],
    ["change a user's whitelist", (index: number) => ({ whitelist: [`203.0.113.${index}/32`] })],
  ] as const
  for (const [name, change] of changes)
    await measure(
      name,
      changing,
      people.map((answer, index) => {
        const { userId } = JSON.parse(String(answer['body'])).user
        return apiCall('PATCH /v1/users/{userId}', {
          token: scene.adminToken,
          path: `/v1/users/${userId}`,
          params: { userId },
          json: change(index),
        })
      }),
      hasStatus(200),
    )

  const listed = (query: Readonly<Record<string, string>>) =>
    apiCall('GET /v1/users', { token: scene.adminToken, query: { limit: '50', ...query } })
  const pages = await measure(
    'page of 50 users that has a next one',
    changing,
    many(21, () => listed({})),
    (answer) => typeof JSON.parse(String(answer['body'])).nextCursor === 'string',
  )
  const { nextCursor: cursor } = JSON.parse(String(pages.at(-1)?.['body']))
  await measure(
    'the last page, of 27 users, by the cursor of the one before',
    changing,
    many(21, () => listed({ cursor })),
    (answer) => JSON.parse(String(answer['body'])).users.length === 27,
  )

  const cacheSeconds = 5
  const deciding = await environmentOf('authorizer', { AUTHORIZER_CACHE_SECONDS: String(cacheSeconds) })
  const once = tokens.map(asked)
  const authorizer = { of: 'authorizer', environment: deciding }
  await measure('decision, first of a credential in an hour', authorizer, once, isAllowed)
  await pause(cacheSeconds * 1000 + 100)
  await measure('decision that misses the cache', { ...authorizer, budget: 1.2 }, once, isAllowed)
  await measure(
    'decision from the cache',
    { ...authorizer, budget: 0.5 },
    many(1_001, (index) => asked(tokens[index % 20] ?? '')),
    isAllowed,
  )
  const sampled = {
    of: 'authorizer',
    environment: await environmentOf('authorizer', { ALLOW_SAMPLING_RATE: '0.05' }),
  }
  await measure(
    'decision from the cache, 5 % of the allows logged',
    { ...sampled, budget: 0.5 },
    many(1_001, () => asked(tokens[0] ?? '')),
    isAllowed,
  )
  await measure(
    'denial of a known caller, from the cache',
    sampled,
    many(101, (index) => {
      const { requestContext, ...event } = asked(tokens[0] ?? '')
      // A decision is kept once for a request.
      return {
        ...event,
        rawPath: '/elsewhere',
        requestContext: { ...requestContext, requestId: `denied-${index}` },
      }
    }),
    (answer) => !isAllowed(answer),
  )

  const { username, password } = { username: 'partner', password: scene.partner.password }
  await measure(
    'login',
    { of: 'login', environment: await environmentOf('login') },
    many(21, () => apiCall('POST /v1/auth/login', { json: { username, password } })),
    hasStatus(200),
  )
  await measure(
    'token for a client that asks again (OAuth)',
    { of: 'oauth', environment: await environmentOf('oauth') },
    many(21, () =>
      apiCall('POST /oauth/token', {
        form: { grant_type: 'client_credentials', client_id: username, client_secret: scene.partner.token },
      }),
    ),
    hasStatus(200),
  )
} finally {
  for (const environment of started) await environment.stop()
  await database.close()
  recorder.close()
  await kms.close()
  await scene.close()
  rmSync(scene.folder, { recursive: true, force: true })
}

const isOver = (row: Row): boolean => row.budget !== null && priceOf(row).total > row.budget
const short = (value: number): number => Number(value.toFixed(3))
console.table(
  Object.fromEntries(
    rows.map((row) => [
      row.name,
      {
        'CPU ms': short(row.cpuMilliseconds),
        'billed ms': millisecondsOf(row),
        'read units': short(row.readUnits),
        'write units': short(row.writeUnits),
        'log bytes': Math.round(row.logBytes),
        ...Object.fromEntries(Object.entries(priceOf(row).parts).map(([name, usd]) => [name, short(usd)])),
        'USD per million': short(priceOf(row).total),
        budget: row.budget ?? '',
        holds: isOver(row) ? 'NO' : 'yes',
      },
    ]),
  ),
)
const { table, indexes } = stored
const monthly = ((table + indexes) / 2 ** 30) * prices.storedGigabyteMonth * 1e6
console.log(
  `A user with six search words and a token: ${table} bytes in the table, ${indexes} in its indexes; a million for a month: ${short(monthly)} USD`,
)
if (rows.some(isOver)) process.exitCode = 1
