import { marshall } from '@aws-sdk/util-dynamodb'
import { describe, expect, it } from 'vitest'
import { oldLists } from '../../lib/providers/list-age.ts'
import type { StoredProviderState } from '../../lib/providers/provider-state.ts'
import { refreshEntries } from '../../lib/providers/refresh-log.ts'
import { refreshRequestWrite, wantedProviders } from '../../lib/providers/refresh-request.ts'
import { providers } from '../../lib/whitelist/provider.ts'

const rowOf = (...wanted: Parameters<typeof refreshRequestWrite>[1]) => {
  const write = refreshRequestWrite('r1', wanted, 0)
  if (!('put' in write)) throw new Error('a request is a row')
  return { eventName: 'INSERT', dynamodb: { NewImage: marshall(write.put) } }
}

it('a request for a refresh goes by itself after an hour', () => {
  expect(refreshRequestWrite('r1', ['AWS'], 1_795_251_600_999)).toMatchObject({
    put: { providers: ['AWS'], expiresAtSeconds: 1_795_251_600 + 3600 },
  })
})

describe('an event of the refresh function', () => {
  it.each([
    ['the schedule', {}, providers],
    ['an invocation without a payload', null, providers],
    ['an invocation that names some', { providers: ['AZURE'] }, ['AZURE']],
    [
      'several requests out of the stream, each provider once',
      { Records: [rowOf('GOOGLE', 'AWS'), rowOf('AWS', 'AZURE')] },
      providers.filter((name) => ['AWS', 'GOOGLE', 'AZURE'].includes(name)),
    ],
  ])('is read: %s', (_what, event, expected) => {
    expect(wantedProviders(event)).toEqual(expected)
  })
})

describe('what a refresh leaves in the log', () => {
  it('names the refused ones, which an alarm counts', () => {
    const refused = { outcome: 'refused', provider: 'AWS', reason: 'shrunk', detail: 'only 3 %' } as const
    expect(refreshEntries(refused)).toEqual([
      { event: 'provider_list_refused', provider: 'AWS', reason: 'shrunk', error: 'only 3 %' },
    ])
  })

  it('does not count a document that is older once', () => {
    const older = { outcome: 'older', provider: 'AZURE', reason: 'older', detail: '249 is older' } as const
    expect(refreshEntries(older)).toEqual([
      { event: 'provider_list_older', provider: 'AZURE', reason: 'older', error: '249 is older' },
    ])
  })

  it('names narrowings that are held with every refresh, so that the alarm lasts', () => {
    const held = [{ name: 'US-NY', since: '2026-01-01T00:00:00.000Z' }]
    const unchanged = { outcome: 'unchanged', provider: 'DIGITAL_OCEAN', version: '1', held } as const
    expect(refreshEntries(unchanged)).toMatchObject([
      { event: 'provider_list_unchanged' },
      { event: 'provider_narrowings_lost', provider: 'DIGITAL_OCEAN', error: 'US-NY' },
    ])
  })
})

describe('what an accepted list leaves in the log', () => {
  const space = { ipv4Addresses: 0, blockCount: 0, blocks: [] }
  const updated = (lost: readonly { readonly name: string; readonly held: boolean }[], count = lost.length) =>
    refreshEntries({
      outcome: 'updated',
      provider: 'AWS',
      change: {
        ...{ at: '2026-01-01T00:00:00.000Z', fromVersion: '1', toVersion: '2', added: space, removed: space },
        losses: {
          count,
          narrowings: lost.map((one) => ({ ...one, gone: true, blocks: 1, keptPercent: 0 })),
        },
      },
    })

  it('is its version, and nothing else where it loses nothing', () => {
    expect(updated([])).toEqual([{ event: 'provider_list_updated', provider: 'AWS', version: '2' }])
    expect(refreshEntries({ outcome: 'superseded', provider: 'AWS' })).toEqual([
      { event: 'provider_list_unchanged', provider: 'AWS', reason: 'superseded' },
    ])
    const unchanged = { outcome: 'unchanged', provider: 'AWS', version: '2', held: [] } as const
    expect(refreshEntries(unchanged)).toEqual([
      { event: 'provider_list_unchanged', provider: 'AWS', version: '2' },
    ])
  })

  it('names ten of the narrowings that it loses, and counts the others', () => {
    const reason = 'an accepted list has less than half of them'
    const lost = { event: 'provider_narrowings_lost', provider: 'AWS', reason }
    const some = [
      { name: 'US', held: true },
      { name: 'GB', held: false },
    ]
    expect(updated(some)[1]).toEqual({ ...lost, error: 'US (held), GB' })
    const eleven = Array.from({ length: 11 }, (_, index) => ({ name: `N${index}`, held: false }))
    const ten = eleven.slice(0, 10).map(({ name }) => name)
    expect(updated(eleven.slice(0, 10))[1]?.error).toBe(ten.join(', '))
    expect(updated(eleven, 12)[1]?.error).toBe(`${ten.join(', ')} and 2 more`)
  })
})

describe('lists that grow old', () => {
  const day = 86_400_000
  const state = (checkedAt: string | null): StoredProviderState => ({
    provider: 'AWS',
    revision: 1,
    list: {
      version: '1',
      serials: [],
      publishedAtSeconds: null,
      fingerprint: 'x',
      acceptedAt: '2026-01-01T00:00:00.000Z',
      ipv4Prefixes: 1,
      ipv6Prefixes: 1,
      ipv4Intervals: 1,
      ipv6Intervals: 1,
      ipv4Addresses: 1,
      narrowings: 0,
    },
    checkedAt,
    lastError: null,
    lastChange: null,
    refusedHash: null,
    held: [],
  })
  const checked = Date.parse('2026-01-01T00:00:00.000Z')
  const held = [state('2026-01-01T00:00:00.000Z'), undefined]

  it('are told half-way to the age at which they deny', () => {
    expect(oldLists(held, checked + 15 * day, 30)).toEqual([])
    expect(oldLists(held, checked + 16 * day, 30)).toEqual([{ provider: 'AWS', ageDays: 16 }])
  })

  it('are not those that were never there: nobody may be using them', () => {
    expect(oldLists([undefined, state(null)], checked, 30)).toEqual([])
  })
})
