import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { GetItemCommand, DynamoDBClient as SdkClient } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactionCanceledException,
  TransactWriteCommand,
} from '../../../functions/wiring/aws/dynamodb.ts'
import { KMSClient } from '../../../functions/wiring/aws/kms.ts'
import { hmacBy, signedHeaders } from '../../../functions/wiring/aws/signature.ts'
import { closeServer } from '../../../infra/local/gateway.ts'
import { listen } from '../../../infra/local/listen.ts'
import { kmsRetries, kmsSigner } from '../../../lib/sessions/kms-signer.ts'

type Heard = { readonly headers: IncomingMessage['headers']; readonly body: string }
type Answer = (response: ServerResponse) => unknown

const heard: Heard[] = []
let answers: Answer[] = []
const service = createServer(async (request, response) => {
  heard.push({ headers: request.headers, body: await text(request) })
  const [next] = answers.splice(0, 1)
  next?.(response)
})
const says =
  (status: number, body: object | string, headers = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
const refuses = (name: string, more: object = {}): Answer =>
  says(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, ...more }, { 'x-amzn-requestid': 'R1' })
const hangsUp: Answer = (response) => response.destroy()
const keepsSilent: Answer = () => undefined

beforeAll(async () => {
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    AWS_SESSION_TOKEN: 'a-session-token',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${await listen(service, 0)}`,
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
})
afterAll(() => closeServer(service, 0))
beforeEach(() => {
  heard.length = 0
  answers = []
})

const clientWith = (maxAttempts: number, requestTimeout = 1000) =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts, requestHandler: { requestTimeout } }))
const get = new GetCommand({ TableName: 'table', Key: { pk: 'a', sk: 'b' } })

describe('a signature', () => {
  it('is the one that the SDK writes for the same headers at the same time', async () => {
    answers = [says(200, {})]
    const Key = { pk: { S: 'Grüße' }, sk: { S: 'b' } }
    await new SdkClient({}).send(new GetItemCommand({ TableName: 'table', Key }))
    const [{ headers, body } = { headers: {}, body: '' }] = heard
    const { authorization = '', host = '', 'x-amz-date': time = '' } = headers
    const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? []
    const at = String(time).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z')
    const ours = signedHeaders(
      {
        host,
        region: 'eu-west-1',
        service: 'dynamodb',
        headers: Object.fromEntries(names.map((name) => [name, String(headers[name])])),
        body,
      },
      {
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
        sessionToken: 'a-session-token',
      },
      Date.parse(at),
    )
    expect(ours['authorization']).toBe(authorization)
  })

  it('is the one that AWS publishes for a POST to / (post-vanilla of its test suite)', () => {
    const { authorization } = signedHeaders(
      { host: 'example.amazonaws.com', region: 'us-east-1', service: 'service', headers: {}, body: '' },
      {
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
        sessionToken: '',
      },
      Date.parse('2015-08-30T12:36:00Z'),
    )
    expect(authorization).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    )
  })

  it('has the HMAC that Node calculates, for keys and texts of any length, one after the other', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 2, maxLength: 3 }),
        (key, texts) => {
          const own = hmacBy(key)
          for (const given of texts)
            expect(own(given)).toBe(createHmac('sha256', key).update(given).digest('hex'))
        },
      ),
      { examples: [63, 64, 65].map((length) => [new Uint8Array(length).fill(0x36), ['', 'text']]) },
    )
  })

  it('is of its secret, day, region and service, whatever was signed before', async () => {
    const signatureBy = (
      sign: typeof signedHeaders,
      [secretAccessKey = '', at = '', region = '', name = '']: string[],
    ) =>
      sign(
        { host: 'aws', region, service: name, headers: {}, body: '' },
        { accessKeyId: 'AKIDEXAMPLE', secretAccessKey, sessionToken: '' },
        Date.parse(at),
      )['authorization']
    const first = ['secret', '2026-11-22T23:59:59Z', 'eu-west-1', 'dynamodb']
    const others = ['another', '2026-11-23T00:00:00Z', 'eu-west-2', 'kms'].map((other, index) =>
      first.with(index, other),
    )
    for (const call of others.flatMap((other) => [first, other, first])) {
      vi.resetModules()
      const alone = await import('../../../functions/wiring/aws/signature.ts')
      expect(signatureBy(signedHeaders, call)).toBe(signatureBy(alone.signedHeaders, call))
    }
  })

  it('is made anew for each attempt, over the headers and the body that are sent', async () => {
    answers = [says(500, {}), says(200, {})]
    await clientWith(2).send(get)
    expect(heard).toHaveLength(2)
    for (const { headers } of heard) {
      expect(headers['x-amz-security-token']).toBe('a-session-token')
      expect(headers.authorization).toContain(
        'SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ',
      )
    }
  })
})

describe('KMS', () => {
  it('has time for a second attempt, within the two seconds of a signature, when the first gets no answer', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_KMS', process.env['AWS_ENDPOINT_URL_DYNAMODB'])
    const giveUp = setTimeout(() => vi.advanceTimersByTime(2000), 500)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    // Half of the time, less half of the longest pause between the two.
    answers = [() => vi.advanceTimersByTime(950), says(200, { Signature: 'c2lnbmVk' })]
    const signer = kmsSigner({ client: new KMSClient(kmsRetries) as never, kmsKeyIds: ['signing'] })
    const signed = await signer.sign(Buffer.from('text')).finally(() => vi.useRealTimers())
    clearTimeout(giveUp)
    expect(Buffer.from(signed).toString()).toBe('signed')
    expect(heard).toHaveLength(2)
  })
})

describe('the client of the bundles', () => {
  it('tries again after faults that pass, and only as often as it may', async () => {
    for (const fault of [
      says(500, {}),
      says(503, '<html>proxy</html>'),
      refuses('ThrottlingException'),
      refuses('ProvisionedThroughputExceededException'),
      refuses('TransactionInProgressException'),
      says(429, {}),
      says(200, '<html>proxy</html>'),
      hangsUp,
    ]) {
      heard.length = 0
      answers = [fault, says(200, { Item: { pk: { S: 'a' } } })]
      expect(await clientWith(2).send(get)).toEqual({ Item: { pk: 'a' } })
      answers = [fault, fault, says(200, {})]
      await expect(clientWith(2).send(get)).rejects.toThrow()
      expect(heard).toHaveLength(4)
    }
  })

  it('needs one attempt to notice that all its idle connections are dead', async () => {
    const client = clientWith(2)
    const together = Promise.withResolvers<void>()
    const waits: Answer = async (response) => {
      await together.promise
      says(200, {})(response)
    }
    const last: Answer = (response) => {
      together.resolve()
      says(200, {})(response)
    }
    answers = [waits, waits, last]
    const old = new Set<unknown>()
    const remember = ({ socket }: IncomingMessage) => old.add(socket)
    service.on('request', remember)
    await Promise.all([client.send(get), client.send(get), client.send(get)])
    service.off('request', remember)
    expect(old.size).toBe(3)
    const diesIfOld: Answer = (response) => (old.has(response.socket) ? hangsUp : says(200, {}))(response)
    answers = [diesIfOld, diesIfOld]
    expect(await client.send(get)).toEqual({})
  })

  it('does not repeat what DynamoDB refuses', async () => {
    answers = [refuses('ValidationException', { message: 'no such attribute' }), says(200, {})]
    const refused = clientWith(3).send(get)
    await expect(refused).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'no such attribute',
      $metadata: { httpStatusCode: 400, requestId: 'R1' },
    })
    expect(heard).toHaveLength(1)
  })

  it('keeps what DynamoDB says about failed conditions', async () => {
    const Item = { pk: { S: 'a' } }
    answers = [refuses('ConditionalCheckFailedException', { message: 'The conditional…', Item })]
    const failed = await clientWith(3)
      .send(get)
      .catch((error) => error)
    expect(failed).toBeInstanceOf(ConditionalCheckFailedException)
    expect(failed).toMatchObject({ Item, message: 'The conditional…' })
    const CancellationReasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item }]
    answers = [refuses('TransactionCanceledException', { Message: 'cancelled', CancellationReasons })]
    const cancelled = await clientWith(3)
      .send(get)
      .catch((error) => error)
    expect(cancelled).toBeInstanceOf(TransactionCanceledException)
    expect(cancelled).toMatchObject({ CancellationReasons, message: 'cancelled' })
  })

  it('waits no longer for one attempt than it is told, also for an answer that never ends', async () => {
    const begins: Answer = (response) => response.writeHead(200).write('{"Item":')
    for (const late of [keepsSilent, begins]) {
      heard.length = 0
      answers = [late, late]
      await expect(clientWith(2, 100).send(get)).rejects.toThrow()
      expect(heard).toHaveLength(2)
    }
  })

  it('stops when it is told to stop, and begins no other attempt', async () => {
    const stop = new AbortController()
    answers = [() => stop.abort(), says(200, {})]
    await expect(clientWith(3).send(get, { abortSignal: stop.signal })).rejects.toThrow()
    expect(heard).toHaveLength(1)
  })

  it('gives a transaction one token for all attempts, and another transaction another', async () => {
    const tokens = async () => {
      heard.length = 0
      answers = [hangsUp, says(200, {})]
      const Put = {
        TableName: 'table',
        Item: { pk: 'a', sk: 'b', bytes: new Uint8Array([255]), none: undefined },
      }
      await clientWith(2).send(new TransactWriteCommand({ TransactItems: [{ Put }] }))
      const bodies = heard.map(({ body }) => JSON.parse(body))
      expect(bodies[0].TransactItems).toEqual([
        { Put: { TableName: 'table', Item: { pk: { S: 'a' }, sk: { S: 'b' }, bytes: { B: '/w==' } } } },
      ])
      return bodies.map(({ ClientRequestToken }) => ClientRequestToken)
    }
    const [first, again] = await tokens()
    expect(first).toMatch(/^[0-9a-f-]{36}$/)
    expect(again).toBe(first)
    expect((await tokens())[0]).not.toBe(first)
  })

  it('sends what it is given as UTF-8 to the operation of the command', async () => {
    answers = [says(200, {})]
    await clientWith(1).send(new PutCommand({ TableName: 'table', Item: { pk: 'ü' } }))
    const [{ headers, body } = { headers: {}, body: '' }] = heard
    expect(headers['x-amz-target']).toBe('DynamoDB_20120810.PutItem')
    expect(headers['content-type']).toBe('application/x-amz-json-1.0')
    expect(JSON.parse(body)).toEqual({ TableName: 'table', Item: { pk: { S: 'ü' } } })
  })
})
