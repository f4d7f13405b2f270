import { expect, it } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import type { AnyOperation } from '../../lib/http/carry-out.ts'
import { carryOutBatch } from '../../lib/http/carry-out-batch.ts'
import { noTable } from '../../lib/http/request-writes.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { httpEvent } from './http-event.ts'

/** A batch of users with these names, each created by the operation. */
const carryOut = async (usernames: readonly string[], operation: AnyOperation, now = () => 0) => {
  const refused: [code: string, operationId: string][] = []
  const single = endpoints.find(({ operationId }) => operationId === 'createUser')
  const whole = endpoints.find(({ operationId }) => operationId === 'createUsers')
  if (single === undefined || whole?.batch === undefined) throw new Error('no such endpoint')
  const { schema: _, ...response } = single.response
  const { reply } = await carryOutBatch(
    { ...whole, batch: whole.batch },
    {
      params: undefined,
      query: undefined,
      dryRun: false,
      headers: { 'idempotency-key': 'k' },
      body: { users: usernames.map((username) => ({ username })) },
      form: null,
    },
    {
      event: httpEvent('POST', '/v1/users:batch'),
      caller: null,
      table: { ...noTable, now },
      operationNamed: () => ({ endpoint: { ...single, response }, operation }),
      onRefused: async ({ code }, operationId) => void refused.push([code, operationId]),
    },
  )
  const { results, ...more } = reply.body as { results: { status: number }[] }
  expect(more).toEqual({})
  return { statuses: results.map(({ status }) => status), refused }
}
const nameIn = (input: unknown) => (input as { body: { username: string } }).body.username
const names = (count: number) => Array.from({ length: count }, (_, index) => `user-${index}`)

it('answers in time: items that it cannot begin are to be sent again, those that it began are told', async () => {
  let clock = 0
  const begun: unknown[] = []
  const operation = async (input: unknown) => {
    begun.push(input)
    await Promise.resolve()
    clock += 500
    return {}
  }
  const { statuses, refused } = await carryOut(names(100), operation, () => clock)
  expect(statuses.filter((status) => status === 201)).toHaveLength(begun.length)
  // 10 s of half a second each, and what was under way beside.
  expect(begun.length).toBeGreaterThanOrEqual(20)
  expect(begun.length).toBeLessThan(26)
  expect(statuses).toHaveLength(100)
  expect(statuses.filter((status) => status === 503)).toHaveLength(100 - begun.length)
  expect(new Set(refused.map(([code]) => code))).toEqual(new Set(['temporarily_unavailable']))
})

it('carries out four items at a time, and one name, however it is written, one after the other', async () => {
  const underWay: string[] = []
  let most = 0
  const order: string[] = []
  const operation = async (input: unknown) => {
    const name = nameIn(input)
    expect(underWay).not.toContain(name.toLowerCase())
    order.push(name)
    most = Math.max(most, underWay.push(name.toLowerCase()))
    await new Promise((resolve) => setImmediate(resolve))
    underWay.splice(underWay.indexOf(name.toLowerCase()), 1)
    return {}
  }
  const { statuses } = await carryOut(['twin', 'Twin', ...names(20), 'TWIN'], operation)
  expect(new Set(statuses)).toEqual(new Set([201]))
  expect(most).toBe(4)
  expect(order.filter((name) => name.toLowerCase() === 'twin')).toEqual(['twin', 'Twin', 'TWIN'])
})

it('tells of a refused item by its own operation', async () => {
  const { statuses, refused } = await carryOut(['one', 'two'], async (input) => {
    if (nameIn(input) === 'two') throw new DomainError('access_denied')
    return {}
  })
  expect(statuses).toEqual([201, 403])
  expect(refused).toEqual([['access_denied', 'createUser']])
})
