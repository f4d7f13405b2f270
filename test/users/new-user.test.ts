import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newUserId } from '../../lib/secrets/key-id.ts'
import { uidOf } from '../../lib/users/new-user.ts'

describe('the number of a user', () => {
  it('never changes: callers have stored it', () => {
    expect(uidOf('usr_4k2m9x7q1w8e5r3t')).toBe(uidOf('usr_4k2m9x7q1w8e5r3t'))
    expect(uidOf('usr_0000000000000000')).toBe(6_309_277_940_108_900)
  })

  it('is an integer that JSON readers keep exactly, and another one for each user', () => {
    const numbers = Array.from({ length: 2000 }, () => uidOf(newUserId(randomBytes)))
    expect(numbers.every((number) => Number.isSafeInteger(number) && number > 0)).toBe(true)
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})
