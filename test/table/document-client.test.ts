import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { answering, functionSpecs } from '../../infra/aws/functions.ts'
import { closeServer } from '../../infra/local/gateway.ts'
import { listen } from '../../infra/local/listen.ts'
import { authorizerRetries, openTable, writeRetries } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { readItem } from '../../lib/table/read.ts'
import { refusalCode } from '../contract/refusal-code.ts'

let heard = 0
/** A database that hears everything and never answers. */
const silent = createServer(() => {
  heard += 1
})

beforeAll(async () => {
  const environment = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${await listen(silent, 0)}`,
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
})
afterAll(() => closeServer(silent, 0))
beforeEach(() => {
  heard = 0
})

const timesOf = (retries: typeof authorizerRetries) => {
  const { requestTimeoutMilliseconds, maximumAttempts } = retries
  return requestTimeoutMilliseconds * maximumAttempts
}

describe('the client of the table', () => {
  it('gives up on a database that never answers, after so many attempts of so long', async () => {
    for (const maximumAttempts of [1, 2]) {
      heard = 0
      const retries = { requestTimeoutMilliseconds: 200, maximumAttempts }
      const table = openTable('postern', retries, () => 0)
      expect(await refusalCode(readItem(table, keys.installation()))).toBe('temporarily_unavailable')
      expect(heard).toBe(maximumAttempts)
    }
  })

  it('waits for a connection no longer than for an answer', async () => {
    const { requestHandler } = openTable('postern', authorizerRetries, () => 0).client.config
    // Its settings are known once it has been asked for something.
    await Promise.allSettled([
      requestHandler.handle(Object.create(null), { abortSignal: AbortSignal.abort() }),
    ])
    expect(Reflect.get(requestHandler, 'config')).toMatchObject({
      requestTimeout: authorizerRetries.requestTimeoutMilliseconds,
      connectionTimeout: authorizerRetries.requestTimeoutMilliseconds,
    })
  })

  it('tries more than once, and leaves its function time to say that it gave up (F3)', () => {
    for (const [retries, timeoutSeconds] of [
      [writeRetries, answering.timeoutSeconds],
      [authorizerRetries, functionSpecs.authorizer.timeoutSeconds],
    ] as const) {
      expect(retries.maximumAttempts).toBeGreaterThan(1)
      expect(timesOf(retries)).toBeLessThan(timeoutSeconds * 700)
    }
  })
})
