import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Context } from 'aws-lambda'
import { inject } from 'vitest'
import * as z from 'zod'
import { closeServer } from '../../infra/local/gateway.ts'
import { createKms } from '../../infra/local/kms.ts'
import { listen } from '../../infra/local/listen.ts'
import type { IndexName } from '../../infra/local/schema-table.ts'
import { createSchemaTable } from '../../infra/local/schema-table.ts'
import { ensureSigningKey } from '../../infra/local/signing-key.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { allItems } from '../fresh-table.ts'
import { handlerEnvironment } from '../functions/handler-environment.ts'
import { loadHandlersIn } from '../functions/load-handlers.ts'
import { httpEvent, lambdaContext } from '../http/http-event.ts'
import { startSes } from '../mail/ses-stand-in.ts'
import type { Answer } from './answer.ts'
import type { Decided } from './gateway-event.ts'
import { decidedIn, httpApiEvent, restApiEvent } from './gateway-event.ts'
import type { HttpRequest } from './request.ts'
import type { DoorRequest } from './world.ts'

/**
 * The real functions in this process, as the stack wires them: events in, answers out, over a table in the run's DynamoDB Local,
 * with a signing and a sealing key in place of KMS and a mailbox in place of SES.
 */
export type System = Awaited<ReturnType<typeof openSystem>>

const issuer = 'https://postern.example'
const region = 'eu-west-1'

type Handler = (event: unknown, context: Context) => Promise<unknown>
const isHandler = (value: unknown): value is Handler => typeof value === 'function'

const HttpAnswer = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  body: z.string().optional(),
})
const Mail = z.object({ Destination: z.object({ ToAddresses: z.array(z.string()) }) })

export type Saved = readonly Record<string, unknown>[]

type Sent = HttpRequest & {
  readonly authorization?: string | undefined
  readonly form?: Readonly<Record<string, string>> | undefined
}

const jsonIn = (text: string | undefined): unknown => {
  try {
    return text === undefined || text === '' ? undefined : JSON.parse(text)
  } catch {
    return text
  }
}

/** The route that API Gateway would choose: literal paths go before templates. */
const routeOf = (method: string, path: string) => {
  const segments = path.split('/')
  const fitting = endpoints.flatMap((endpoint) => {
    const template = endpoint.path.split('/')
    const isSame =
      endpoint.method === method &&
      template.length === segments.length &&
      template.every((part, index) => part.startsWith('{') || part === segments[index])
    if (!isSame) return []
    const params = Object.fromEntries(
      template.flatMap((part, index) =>
        part.startsWith('{') ? [[part.slice(1, -1), segments[index] ?? ''] as const] : [],
      ),
    )
    const literals = template.filter((part) => !part.startsWith('{')).length
    return [{ name: endpoint.function, route: endpoint.path, params, literals }]
  })
  return fitting.sort((one, other) => other.literals - one.literals)[0]
}

/** Those that the calls and the questions query. DynamoDB Local parses the description of every index in each call. */
const indexes: readonly IndexName[] = ['directory', 'byUser', 'byTarget']

export const openSystem = async () => {
  const tableName = `laws-${randomUUID()}`
  const endpoint = inject('dynamoDbEndpoint')
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const database = new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 3 })
  const documents = DynamoDBDocumentClient.from(database, {
    marshallOptions: { removeUndefinedValues: true },
  })
  const table = { tableName, chance: Math.random, client: documents }
  const signingKey = await ensureSigningKey(mkdtempSync(join(tmpdir(), 'laws-')), 'laws')
  const sealingKey = { keyId: 'sealing', secret: randomBytes(32) }
  const kms = createKms([signingKey], [sealingKey])
  const kmsPort = await listen(kms, 0)
  const ses = await startSes()
  await createSchemaTable(database, tableName, indexes)

  const environment = handlerEnvironment({
    TABLE_NAME: tableName,
    ISSUER: issuer,
    SIGNING_KEY_ID: signingKey.keyId,
    SEALING_KEY_ID: sealingKey.keyId,
    MAIL_FROM: 'Postern <no-reply@postern.example>',
    AWS_REGION: region,
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${kmsPort}`,
    AWS_ENDPOINT_URL_SESV2: ses.endpoint,
  })
  await loadHandlersIn(environment)

  const handlers = new Map<string, Handler>()
  const handlerOf = async (name: string): Promise<Handler> => {
    const known = handlers.get(name)
    if (known !== undefined) return known
    const loaded: Record<string, unknown> = await import(`../../functions/${name}.ts`)
    const { handler } = loaded
    if (!isHandler(handler)) throw new Error(`functions/${name}.ts has no handler`)
    handlers.set(name, handler)
    return handler
  }

  // Each call from another network, so that no throttle of a source answers in place of the model.
  let calls = 0
  const nextAddress = (): string => {
    calls += 1
    return `${11 + (calls % 80)}.${(calls >> 8) % 256}.${calls % 256}.7`
  }

  const call = async ({ method, path, query, body, form, authorization }: Sent): Promise<Answer> => {
    const found = routeOf(method, path)
    if (found === undefined) return { status: 404, body: { code: 'no_such_route' }, headers: {} }
    const handler = await handlerOf(found.name)
    const sent =
      form === undefined
        ? body === undefined
          ? undefined
          : JSON.stringify(body)
        : `${new URLSearchParams(form)}`
    const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
    const event = httpEvent(method, found.route, {
      path,
      query: query ?? '',
      headers: {
        accept: 'application/json',
        ...(sent === undefined ? {} : { 'content-type': type }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      params: found.params,
      ...(sent === undefined ? {} : { body: sent }),
      address: nextAddress(),
    })
    const raw = HttpAnswer.parse(await handler(event, lambdaContext))
    const headers = Object.fromEntries(
      Object.entries(raw.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    )
    return { status: raw.statusCode, body: jsonIn(raw.body), headers }
  }

  /** What the authorizer answers for a request at a gateway. A named stage is asked by both kinds of gateway. */
  const decide = async (authorization: string, request: DoorRequest): Promise<Decided> => {
    const authorize = await handlerOf('authorizer')
    const isRest = request.door.stage !== '$default' && request.method === 'POST'
    const event = (isRest ? restApiEvent : httpApiEvent)(authorization, request, nextAddress())
    try {
      return decidedIn(await authorize(event, lambdaContext))
    } catch (refusal) {
      const isUnknown = refusal instanceof Error && refusal.message === 'Unauthorized'
      if (!isUnknown) throw refusal
      return { passed: false, code: 'invalid_credentials', context: {} }
    }
  }

  /** Hands to the mailer what waits for it, as the table's stream does. */
  const deliverMail = async (): Promise<void> => {
    const mailer = await handlerOf('mailer')
    const waiting = (await allItems(table)).filter((item) =>
      ['reset-request', 'notice'].includes(String(item['kind'])),
    )
    const Records = waiting.map((item) => ({
      eventName: 'INSERT',
      dynamodb: {
        SequenceNumber: String(item['requestId']),
        NewImage: { kind: { S: String(item['kind']) }, requestId: { S: String(item['requestId']) } },
      },
    }))
    if (Records.length > 0) await mailer({ Records }, lambdaContext)
  }

  /** The token of the newest reset link that was mailed to an address since `since`. */
  const mailedToken = (address: string, since: number): string | undefined => {
    for (const { body } of ses.taken.slice(since).reverse()) {
      const to = Mail.safeParse(body).data?.Destination.ToAddresses ?? []
      const token = /token=(pst_[0-9A-Za-z_]+)/.exec(JSON.stringify(body))?.[1]
      if (to.includes(address) && token !== undefined) return token
    }
    return undefined
  }

  return {
    call,
    decide,
    deliverMail,
    mailedToken,
    mailCount: (): number => ses.taken.length,
    invoke: async (name: string, event: unknown): Promise<unknown> =>
      (await handlerOf(name))(event, lambdaContext),
    /** The ids of a user whom an answer did not name, and of its first credential. */
    idsOf: async (username: string): Promise<{ userId: string; keyId: string }> => {
      const items = await allItems(table)
      const user = items.find((item) => item['username'] === username && item['userId'] !== undefined)
      const userId = String(user?.['userId'])
      const key = items.find((item) => item['userId'] === userId && item['keyId'] !== undefined)
      return { userId, keyId: String(key?.['keyId']) }
    },
    save: (): Promise<Saved> => allItems(table),
    /** A new table of the same name with these items and nothing else. */
    restore: async (items: Saved): Promise<void> => {
      await database.send(new DeleteTableCommand({ TableName: tableName }))
      await createSchemaTable(database, tableName, indexes)
      for (let from = 0; from < items.length; from += 25)
        await documents.send(
          new BatchWriteCommand({
            RequestItems: {
              [tableName]: items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } })),
            },
          }),
        )
    },
    close: async (): Promise<void> => {
      await closeServer(kms, 0)
      ses.stop()
      database.destroy()
    },
  }
}
