import { describe, expect, it } from 'vitest'
import {
  RateLimited,
  rateLimitContext,
  rateLimitHeaders,
  secondsToReset,
} from '../../lib/limits/rate-limit-status.ts'
import { rateWindowAt } from '../../lib/limits/rate-window.ts'

const noon = Date.parse('2026-11-21T12:00:00.000Z')
const status = { limitPerMinute: 240, remaining: 17, resetSeconds: noon / 1000 + 60 }

describe('where a caller stands with its limit', () => {
  it('is told in the headers of ThousandEyes, and by an authorizer in texts', () => {
    const reset = String(noon / 1000 + 60)
    expect(rateLimitHeaders(status)).toEqual({
      'X-Organization-Rate-Limit-Limit': '240',
      'X-Organization-Rate-Limit-Remaining': '17',
      'X-Organization-Rate-Limit-Reset': reset,
    })
    expect(rateLimitContext(status)).toEqual({
      rateLimitLimit: '240',
      rateLimitRemaining: '17',
      rateLimitReset: reset,
    })
  })

  it('is nothing where no limit holds', () => {
    expect([rateLimitHeaders(undefined), rateLimitContext(undefined)]).toEqual([{}, {}])
  })

  it('is no time in the past: a window that has just ended is waited for a second', () => {
    const waits = [0, 1, 59_999, 60_000, 61_000].map((passed) => secondsToReset(status, noon + passed))
    expect(waits).toEqual([60, 60, 1, 1, 1])
  })
})

describe('the refusal of a request above a limit', () => {
  it('names the limit and when to come again, where a limit is known', () => {
    expect(new RateLimited(status, noon + 20_000)).toMatchObject({
      code: 'too_many_requests',
      rateLimit: status,
      retryAfterSeconds: 40,
    })
    const unknown = new RateLimited(undefined, noon)
    expect([unknown.code, unknown.rateLimit, unknown.retryAfterSeconds]).toEqual([
      'too_many_requests',
      undefined,
      undefined,
    ])
  })
})

describe('the window of a limit', () => {
  it('is a minute of the clock, so that containers agree on it without asking', () => {
    const minute = { startSeconds: noon / 1000, endSeconds: noon / 1000 + 60 }
    expect([noon, noon + 59_999].map(rateWindowAt)).toEqual([minute, minute])
    expect(rateWindowAt(noon + 60_000).startSeconds).toBe(minute.endSeconds)
  })
})
