import { describe, expect, it } from 'vitest'
import { ageSecondsOf, isTooOld, oldLists } from '../../lib/providers/list-age.ts'
import type { StoredProviderState } from '../../lib/providers/provider-state.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'

const now = Date.parse('2026-01-31T00:00:00.000Z')
const day = 86_400_000
const daysAgo = (days: number): string => new Date(now - days * day).toISOString()

const state = (provider: Provider, checkedAt: string | null, hasList = true): StoredProviderState => ({
  ...{ provider, revision: 1, checkedAt },
  list: hasList
    ? {
        ...{
          version: '1',
          serials: [1],
          publishedAtSeconds: null,
          fingerprint: 'f',
          acceptedAt: daysAgo(90),
        },
        ...{ ipv4Prefixes: 1, ipv6Prefixes: 1, ipv4Intervals: 1, ipv6Intervals: 1, ipv4Addresses: 1 },
        narrowings: 0,
      }
    : null,
  ...{ lastError: null, lastChange: null, refusedHash: null, held: [] },
})

describe('the age of a list', () => {
  it('is the whole seconds since a download last confirmed it', () => {
    expect(ageSecondsOf(state('AWS', daysAgo(2)), now)).toBe(2 * 86_400)
    expect(ageSecondsOf(state('AWS', daysAgo(2)), now + 999)).toBe(2 * 86_400)
  })

  it('is never negative, when the clock of the refresh is ahead', () => {
    expect(ageSecondsOf(state('AWS', daysAgo(-1)), now)).toBe(0)
  })

  it('does not exist where no list was stored', () => {
    expect(ageSecondsOf(undefined, now)).toBeUndefined()
    expect(ageSecondsOf(state('AWS', null), now)).toBeUndefined()
    expect(ageSecondsOf(state('AWS', daysAgo(2), false), now)).toBeUndefined()
  })

  it('may reach the limit in days, and not exceed it', () => {
    expect(isTooOld(30 * 86_400, 30)).toBe(false)
    expect(isTooOld(30 * 86_400 + 1, 30)).toBe(true)
  })
})

describe('the lists that need an operator', () => {
  it('are those older than half of the limit, with their age in whole days', () => {
    const states = [
      ...[undefined, state('GOOGLE', null), state('AZURE', daysAgo(15)), state('AWS', daysAgo(16.9))],
      state('CLOUDFLARE', daysAgo(400)),
    ]
    expect(oldLists(states, now, 30)).toEqual([
      { provider: 'AWS', ageDays: 16 },
      { provider: 'CLOUDFLARE', ageDays: 400 },
    ])
  })
})
