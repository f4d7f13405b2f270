import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRequestLines } from '../../../infra/local/request-lines.ts'

const noon = new Date(2026, 0, 2, 12, 34, 56).getTime()
let printed: string[]
const lines = () =>
  createRequestLines(
    (line) => printed.push(line),
    () => noon,
  )

beforeEach(() => {
  vi.useFakeTimers()
  printed = []
})
afterEach(() => {
  vi.useRealTimers()
})

const request = { requestId: 'r1', method: 'GET', path: '/demo/orders', status: 403 }
const decision = { event: 'decision', requestId: 'r1', userId: 'usr_1', reason: 'whitelist_no_match' }

describe('createRequestLines', () => {
  it.each(['before', 'after'])('says who called and why it was refused, heard %s the answer', (order) => {
    const { heard, answered } = lines()
    if (order === 'before') heard(JSON.stringify(decision))
    answered(request)
    if (order === 'after') heard(JSON.stringify(decision))
    vi.runAllTimers()
    expect(printed).toEqual(['12:34:56 GET /demo/orders 403 usr_1 whitelist_no_match'])
  })

  it('does not wait for a function that says nothing, nor mistake one request for another', () => {
    const { heard, answered } = lines()
    heard('no JSON')
    heard(JSON.stringify({ ...decision, requestId: 'r2' }))
    heard(JSON.stringify({ event: 'last_use_not_noted', requestId: 'r1', reason: 'other' }))
    answered({ ...request, status: 200 })
    answered({ ...request, requestId: undefined, path: '', status: 413 })
    vi.runAllTimers()
    expect(printed).toEqual(['12:34:56 GET  413', '12:34:56 GET /demo/orders 200'])
  })

  it('shows no secret that a path holds, and nothing that a terminal obeys', () => {
    const { answered } = lines()
    const token = `pst_${'a'.repeat(36)}_${'b'.repeat(49)}`
    for (const path of [`/x/${token}/y`, '/\u001b[2J', `/${'9'.repeat(64)}`]) {
      answered({ ...request, path, reason: 'no Authorization header' })
    }
    expect(printed.map((line) => line.split(' ')[2])).toEqual(['/x/…/y', '/%1B%5B2J', '/…'])
  })
})
