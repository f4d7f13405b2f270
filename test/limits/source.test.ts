import { describe, expect, it } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { siteOf, sourceOf } from '../../lib/limits/source.ts'
import { spendSourceAttempt } from '../../lib/limits/source-attempt.ts'
import type { ThrottleRule } from '../../lib/limits/throttle-rule.ts'

describe('the networks of an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9', null],
    ['::ffff:203.0.113.9', '203.0.113.9', null],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['2001:DB8::1', '2001:db8::/64', '2001:db8::/48'],
    ['::1', '::/64', '::/48'],
    ['what a proxy wrote', 'unreadable', null],
  ])('of %s are %s and %s', (address, source, site) => {
    expect([sourceOf(address), siteOf(address)]).toEqual([source, site])
  })
})

describe('an attempt from a source', () => {
  const rule: ThrottleRule = { name: 'test', attempts: 2, windowSeconds: 60 }
  const fiveSecondsBeforeTheEnd = 1_795_251_655_000
  const counts = new Map<string, number>()
  const attemptFrom = (address: string): Promise<void> =>
    spendSourceAttempt(
      {
        countAttempt: (of, subject) => {
          const counted = (counts.get(`${of.name} ${subject}`) ?? 0) + 1
          counts.set(`${of.name} ${subject}`, counted)
          return Promise.resolve(counted)
        },
        now: () => fiveSecondsBeforeTheEnd,
      },
      rule,
      address,
    )

  it('is refused beyond what its network has in a window, and told when the next begins', async () => {
    await attemptFrom('2001:db8::1')
    await attemptFrom('2001:db8::2')
    const refusal = await attemptFrom('2001:db8::3').catch((fault: unknown) => fault)
    expect(refusal).toBeInstanceOf(DomainError)
    expect(refusal).toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 5 })
    await expect(attemptFrom('2001:db8:0:1::1')).resolves.toBeUndefined()
  })
})
