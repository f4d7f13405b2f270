import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { IdempotentRequest } from '../../../lib/http/idempotency/idempotent-write.ts'
import { idempotentWrite, repeated, repeatedReply } from '../../../lib/http/idempotency/idempotent-write.ts'
import { readKeptReply } from '../../../lib/http/idempotency/kept-reply-store.ts'
import { writeTransaction } from '../../../lib/table/transaction.ts'
import { refusalCode } from '../../contract/refusal-code.ts'
import { freshTable } from '../../fresh-table.ts'

const request: IdempotentRequest = {
  idempotencyKey: 'c0ffee',
  organizationId: 'org_1' as const,
  userId: 'usr_1' as const,
  operation: 'createUser',
  body: { username: 'partner' },
}

const keptFor = (of: IdempotentRequest) => {
  const write = idempotentWrite(of, { answer: 42 }, 1_795_251_600_000, (size) => randomBytes(size))
  if (!('put' in write)) throw new Error('no answer is kept')
  return write.put
}

const replyTo = async (given: IdempotentRequest) => repeatedReply(given, keptFor(request))

describe('a kept answer', () => {
  it('is given again to the same request', async () => {
    expect(await replyTo(request)).toEqual({ answer: 42 })
  })

  it.each([
    ['organization', { organizationId: 'org_2' as const }],
    ['operation', { operation: 'createCredential' }],
    ['body', { body: { username: 'another' } }],
  ])('is not given to a request of another %s (F1)', async (_field, other) => {
    expect(await refusalCode(replyTo({ ...request, ...other }))).toBe('idempotency_mismatch')
  })

  it.each([
    ['organization', { organizationId: 'org_2' as const }],
    ['user', { userId: 'usr_2' as const }],
    ['key', { idempotencyKey: 'decaf' }],
  ])('lies apart from those of another %s', (_field, other) => {
    const place = ({ pk, sk }: ReturnType<typeof keptFor>) => `${String(pk)} ${String(sk)}`
    expect(place(keptFor({ ...request, ...other }))).not.toBe(place(keptFor(request)))
  })
})

describe('a kept answer in the table', () => {
  it('is there for a day, to the second, and then makes room for another', async () => {
    const table = await freshTable()
    const start = 1_795_251_600_000
    const day = 24 * 3600 * 1000
    const keep = (answer: number, at: number) =>
      writeTransaction(table, [idempotentWrite(request, answer, at, (size) => randomBytes(size))])
    const kept = async (at: number) => {
      const found = await readKeptReply(table, request, at)
      return found === undefined ? undefined : repeatedReply(request, found)
    }
    expect(await kept(start)).toBeUndefined()
    expect(await keep(1, start)).toEqual({ committed: true })
    expect(await kept(start + day - 1)).toBe(1)
    expect(await keep(2, start + day - 1)).toMatchObject({ committed: false, failed: repeated })
    // DynamoDB deletes it some days later.
    expect(await kept(start + day)).toBeUndefined()
    expect(await keep(3, start + day)).toEqual({ committed: true })
    expect(await kept(start + day)).toBe(3)
  })
})
