import { describe, expect, it } from 'vitest'
import type { StoredChange, StoredProviderState } from '../../lib/providers/provider-state.ts'
import type { ShowProvidersDependencies } from '../../lib/providers/show-providers.ts'
import { listProviders, refusedListView, showProvider } from '../../lib/providers/show-providers.ts'
import { providers } from '../../lib/whitelist/provider.ts'

const confirmedAt = Date.parse('2026-11-01T00:00:00Z')
const day = 86_400_000

const change: StoredChange = {
  at: '2026-10-30T00:00:00.000Z',
  fromVersion: '1',
  toVersion: '2',
  added: { ipv4Addresses: 256, blockCount: 1, blocks: ['203.0.113.0/24'] },
  removed: { ipv4Addresses: 0, blockCount: 0, blocks: [] },
  losses: { count: 0, narrowings: [] },
}
const state: StoredProviderState = {
  provider: 'AWS',
  revision: 4,
  checkedAt: new Date(confirmedAt).toISOString(),
  lastError: null,
  lastChange: change,
  refusedHash: null,
  held: [],
  list: {
    version: '2',
    serials: [2],
    publishedAtSeconds: confirmedAt / 1000 - 3600,
    fingerprint: 'f',
    acceptedAt: '2026-10-30T00:00:00.000Z',
    ipv4Prefixes: 3,
    ipv6Prefixes: 1,
    ipv4Intervals: 2,
    ipv6Intervals: 1,
    ipv4Addresses: 768,
    narrowings: 2,
  },
}

/** A store that knows this of AWS, and nothing of the others. */
const knowing = (known: StoredProviderState | undefined, now = confirmedAt): ShowProvidersDependencies => ({
  readProviderStates: (wanted) =>
    Promise.resolve(wanted.map((provider) => (provider === 'AWS' ? known : undefined))),
  readProviderNames: () => Promise.resolve(['AWS:us-east-1', 'AWS:eu-west-1']),
  readLastChanges: (_provider, count) => Promise.resolve(Array.from({ length: count }, () => change)),
  now: () => now,
  maximumAgeDays: 30,
})

const awsOf = async (dependencies: ShowProvidersDependencies) => {
  const lists = await listProviders(dependencies)
  return lists.find(({ provider }) => provider === 'AWS')
}

describe('the lists of the providers', () => {
  it('has each provider, also those of which nothing is known: they let nobody in', async () => {
    const lists = await listProviders(knowing(state))
    expect(lists.map(({ provider }) => provider)).toEqual([...providers])
    expect(lists.filter(({ available }) => available).map(({ provider }) => provider)).toEqual(['AWS'])
    expect(lists.find(({ provider }) => provider === 'AZURE')).toMatchObject({
      version: null,
      checkedAt: null,
      ageSeconds: null,
      tooOld: false,
      prefixes: null,
      intervals: null,
      narrowings: 0,
    })
  })

  it('says what is in force: version, times in UTC, sizes', async () => {
    expect(await awsOf(knowing(state))).toEqual({
      provider: 'AWS',
      available: true,
      version: '2',
      publishedAt: '2026-10-31T23:00:00.000Z',
      acceptedAt: '2026-10-30T00:00:00.000Z',
      checkedAt: '2026-11-01T00:00:00.000Z',
      ageSeconds: 0,
      maximumAgeSeconds: 30 * 86_400,
      tooOld: false,
      prefixes: { ipv4: 3, ipv6: 1 },
      intervals: { ipv4: 2, ipv6: 1 },
      ipv4Addresses: 768,
      narrowings: 2,
      lastChange: change,
      lastError: null,
      waiting: false,
    })
  })

  it('calls a list unavailable from the moment on at which it decides nothing any more', async () => {
    expect(await awsOf(knowing(state, confirmedAt + 30 * day))).toMatchObject({
      available: true,
      tooOld: false,
    })
    expect(await awsOf(knowing(state, confirmedAt + 30 * day + 1000))).toMatchObject({
      available: false,
      tooOld: true,
      ageSeconds: 30 * 86_400 + 1,
      version: '2',
    })
  })

  it('says whether a refused list waits', async () => {
    expect(await awsOf(knowing({ ...state, refusedHash: 'f' }))).toMatchObject({ waiting: true })
  })

  it('shows why there is none yet', async () => {
    const at = '2026-11-01T00:00:00.000Z'
    const lastError = { at, since: at, reason: 'unreachable', detail: 'no answer' }
    const failed = { ...state, list: null, checkedAt: null, lastChange: null, lastError }
    expect(await awsOf(knowing(failed))).toMatchObject({ available: false, version: null, lastError })
  })

  it('adds to a single one its names in order and its last twenty changes', async () => {
    const shown = await showProvider(knowing(state), 'AWS')
    expect(shown.names).toEqual(['AWS:eu-west-1', 'AWS:us-east-1'])
    expect(shown.changes).toEqual(Array.from({ length: 20 }, () => change))
  })
})

describe('a refused list', () => {
  it('is shown with its reason, version, time in UTC, sizes and what accepting it would change', () => {
    const { list, lastChange } = state
    if (list === null || lastChange === null) throw new Error('there is no list')
    const { added, removed } = lastChange
    const losses = {
      count: 1,
      narrowings: [{ name: 'eu-west-1', gone: false, blocks: 40, keptPercent: 33, held: true }],
    }
    const refusal = {
      provider: 'AWS',
      ...{ hash: 'f', at: '2026-11-22T10:00:00.000Z', reason: 'shrunk', detail: 'half' },
      ...{ added, removed, losses },
    } as const
    const shown = {
      ...{ ...refusal, version: '2', publishedAt: '2026-10-31T23:00:00.000Z' },
      ...{ prefixes: { ipv4: 3, ipv6: 1 }, ipv4Addresses: 768, narrowings: 2 },
    }
    expect(refusedListView({ ...refusal, list, partCount: 1 })).toMatchObject(shown)
    expect(
      refusedListView({ ...refusal, list: { ...list, publishedAtSeconds: null }, partCount: 1 }),
    ).toMatchObject({
      ...shown,
      publishedAt: null,
    })
  })
})
