import { describe, expect, it } from 'vitest'
import { createFilter } from '../../../infra/local/event-filter.ts'

const insert = (kind: string) => ({ eventName: 'INSERT', dynamodb: { NewImage: { kind: { S: kind } } } })
const matches = (pattern: object, record: unknown) => createFilter([JSON.stringify(pattern)])(record)

describe('createFilter', () => {
  const mailer = {
    eventName: ['INSERT'],
    dynamodb: { NewImage: { kind: { S: ['reset-request', 'notice'] } } },
  }

  it('passes a record that has one of the values in every field', () => {
    expect(matches(mailer, insert('notice'))).toBe(true)
    expect(matches(mailer, insert('user'))).toBe(false)
    expect(matches(mailer, { ...insert('notice'), eventName: 'MODIFY' })).toBe(false)
    expect(matches(mailer, { eventName: 'INSERT', dynamodb: {} })).toBe(false)
  })

  it('passes everything without a pattern, and what any of several patterns passes', () => {
    expect(createFilter([])({})).toBe(true)
    const either = createFilter(['{"a":[1]}', '{"b":[null]}'])
    expect([either({ a: 1 }), either({ b: null }), either({ a: '1' })]).toEqual([true, true, false])
  })

  it.each([
    [{ prefix: 'ab' }, 'abc', 'xab'],
    [{ suffix: 'bc' }, 'abc', 'bcx'],
    [{ exists: true }, 'abc', undefined],
    [{ exists: false }, undefined, 'abc'],
    [{ 'anything-but': ['x', 'y'] }, 'abc', 'x'],
  ])('knows %j', (rule, passing, failing) => {
    expect(matches({ a: [rule] }, { a: passing })).toBe(true)
    expect(matches({ a: [rule] }, { a: failing })).toBe(false)
  })

  it.each([{ a: [{ cidr: '10.0.0.0/8' }] }, { $or: [{ a: [1] }] }])(
    'refuses what it does not know: %j',
    (pattern) => {
      expect(() => createFilter([JSON.stringify(pattern)])).toThrow(/does not know/)
    },
  )
})
