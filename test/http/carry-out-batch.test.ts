import { expect, it } from 'vitest'
import type { DomainError } from '../../lib/effects/domain-error.ts'
import { carryOutBatch } from '../../lib/http/carry-out-batch.ts'
import { noTable } from '../../lib/http/request-writes.ts'
import { endpoints } from '../../lib/reference/endpoints.ts'
import { httpEvent } from './http-event.ts'

it('answers in time: items that it cannot begin are to be sent again, those that it began are told', async () => {
  let clock = 0
  const refused: DomainError[] = []
  const begun: unknown[] = []
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
      body: { users: Array.from({ length: 100 }, (_one, index) => ({ username: `user-${index}` })) },
      form: null,
    },
    {
      event: httpEvent('POST', '/v1/users:batch'),
      caller: null,
      table: { ...noTable, now: () => clock },
      operationNamed: () => ({
        endpoint: { ...single, response },
        operation: async (input) => {
          begun.push(input)
          await Promise.resolve()
          clock += 500
          return {}
        },
      }),
      onRefused: (error) => {
        refused.push(error)
        return Promise.resolve()
      },
    },
  )
  const { results } = reply.body as { results: { status: number }[] }
  const done = results.filter(({ status }) => status === 201)
  expect(done).toHaveLength(begun.length)
  // 10 s of half a second each, and what was under way beside.
  expect(begun.length).toBeGreaterThanOrEqual(20)
  expect(begun.length).toBeLessThan(26)
  expect(results).toHaveLength(100)
  expect(results.filter(({ status }) => status === 503)).toHaveLength(100 - begun.length)
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['temporarily_unavailable']))
})
