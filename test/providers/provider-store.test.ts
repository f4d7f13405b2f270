import { beforeAll, describe, expect, it } from 'vitest'
import { parseAwsList } from '../../lib/providers/lists/aws-list.ts'
import { readRefusal, readRefusedParts } from '../../lib/providers/provider-refusal-store.ts'
import {
  rangeCopies,
  readLastGood,
  readProviderChanges,
  readProviderData,
  readProviderNames,
  readProviderStates,
  saveState,
  saveUpdate,
} from '../../lib/providers/provider-store.ts'
import type { AcceptedUpdate } from '../../lib/providers/provider-update.ts'
import { refusedListOf } from '../../lib/providers/provider-update.ts'
import type { PublishedOutcome } from '../../lib/providers/published-documents.ts'
import { buildRangeItems } from '../../lib/providers/ranges/build-range-items.ts'
import { type RefreshDependencies, refreshProvider } from '../../lib/providers/refresh-providers.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { parseEntry } from '../../lib/whitelist/entry.ts'
import { compileWhitelist, matchWhitelist } from '../../lib/whitelist/match.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'
import { rememberProviderRanges } from '../../lib/whitelist/provider-ranges.ts'
import { freshTable } from '../fresh-table.ts'
import { documentsFolder, documentsTitle, handMadeFolder, readDocuments } from './provider-documents.ts'
import { readLists } from './provider-lists.ts'
import { refreshing } from './refresh-scene.ts'

const { aws } = readDocuments(handMadeFolder)
const newer = (text: string, token = '1700009999'): string => text.replace('1700000000', token)

let table: Table

beforeAll(async () => {
  table = await freshTable()
})

const time = Date.parse('2026-01-01T00:00:00Z')

const dependenciesFor = (published: PublishedOutcome, now = time) => refreshing(table, published, now)

let containers = 0
/** Each time by another container, which reads the next copy. */
const match = async (text: string, address: string, now = time) => {
  containers += 1
  const copy = containers % rangeCopies
  const prepare = rememberProviderRanges({
    read: (wanted, entries) => readProviderData(table, wanted, entries, copy),
    now: () => now,
    recheckSeconds: 300,
    maximumAgeDays: 30,
    onReadFailure: (error) => {
      throw error
    },
  })
  const whitelist = compileWhitelist([text])
  return matchWhitelist(whitelist, address, await prepare(whitelist.providers))
}

describe('the provider store', () => {
  it('holds nothing at first, and everything after a refresh', async () => {
    expect(await readProviderStates(table, ['AWS'])).toEqual([undefined])
    expect(await match('AWS', '3.5.141.7')).toMatchObject({
      outcome: 'unevaluable',
      reason: 'provider_missing',
    })
    expect(await refreshProvider(dependenciesFor(parseAwsList(aws)), 'AWS')).toMatchObject({
      outcome: 'updated',
    })
    expect(await readProviderStates(table, ['AWS', 'GOOGLE'])).toMatchObject([
      { list: { version: '1700000000' } },
      undefined,
    ])
    expect(await readProviderNames(table, 'AWS')).toContain('eu-west-1:EC2')
    expect(await match('AWS', '3.5.141.7')).toMatchObject({ outcome: 'matched', prefix: '3.5.140.0/22' })
    expect(await match('AWS:eu-west-1:EC2', '15.230.15.29')).toMatchObject({ outcome: 'matched' })
    expect(await match('AWS:GLOBAL', '13.32.1.1')).toMatchObject({ outcome: 'matched' })
  })

  it('replaces what changed, deletes what is gone, and records the change', async () => {
    const renamed = newer(aws, '1700009998').replaceAll('"GLOBAL"', '"WORLD"')
    const changed = newer(renamed.replace('1700009998', '1700000000')).replaceAll(
      '15.230.15.29/32',
      '15.230.15.30/32',
    )
    for (const [index, text] of [renamed, changed].entries()) {
      const refreshed = refreshProvider(dependenciesFor(parseAwsList(text), time + 1000 + index), 'AWS')
      expect(await refreshed).toMatchObject({ outcome: 'updated' })
    }
    for (let container = 0; container < rangeCopies; container += 1)
      expect(await match('AWS', '15.230.15.29')).toEqual({ outcome: 'no_match' })
    expect(await match('AWS:EC2', '15.230.15.30')).toMatchObject({ outcome: 'matched' })
    expect(await match('AWS:GLOBAL', '13.32.1.1')).toMatchObject({ reason: 'provider_missing' })
    expect(await match('AWS:WORLD', '13.32.1.1')).toMatchObject({
      outcome: 'matched',
      providerVersion: '1700009998',
    })
    expect(await readProviderChanges(table, 'AWS')).toMatchObject([
      { fromVersion: null },
      { fromVersion: '1700000000', losses: { count: 2 } },
      {
        fromVersion: '1700009998',
        added: { blocks: ['15.230.15.30/32'] },
        removed: { blocks: ['15.230.15.29/32'] },
      },
    ])
  })

  it('finishes what a refresh that died half-way began', async () => {
    const before = await readLastGood(table, 'AWS')
    const renamedBack = newer(aws, '1700010000').replaceAll('15.230.15.29/32', '15.230.15.30/32')
    const dying: RefreshDependencies = {
      ...dependenciesFor(parseAwsList(renamedBack)),
      saveUpdate: async (update) => {
        await saveState(table, update.claimed, null)
        throw new Error('the container was stopped')
      },
    }
    await expect(refreshProvider(dying, 'AWS')).rejects.toThrow('stopped')
    const [state] = await readProviderStates(table, ['AWS'])
    expect(state?.list).toMatchObject({ version: before.state?.list?.version, fingerprint: '' })
    expect(await match('AWS', '15.230.15.30')).toMatchObject({ outcome: 'matched' })
    const again = dependenciesFor(parseAwsList(renamedBack), time + 2000)
    expect(await refreshProvider(again, 'AWS')).toMatchObject({ outcome: 'updated' })
    expect(await match('AWS:GLOBAL', '13.32.1.1')).toMatchObject({ outcome: 'matched' })
  })

  it('lets only one of many refreshes at once through', async () => {
    const racers = Array.from({ length: 8 }, (_, index) => {
      const text = newer(aws, `17000200${10 + index}`).replaceAll(
        '15.230.15.29/32',
        `15.230.15.${40 + index}/32`,
      )
      const loaded = readLastGood(table, 'AWS')
      return { ...dependenciesFor(parseAwsList(text), time + 3000 + index), readLastGood: () => loaded }
    })
    await Promise.all(racers.map((racer) => racer.readLastGood()))
    const outcomes = await Promise.all(racers.map((racer) => refreshProvider(racer, 'AWS')))
    const won = outcomes.filter(({ outcome }) => outcome === 'updated')
    expect(won).toHaveLength(1)
    expect(outcomes.filter(({ outcome }) => outcome === 'superseded')).toHaveLength(7)
    const winner = outcomes.findIndex(({ outcome }) => outcome === 'updated')
    for (let index = 0; index < 8; index += 1) {
      const expected = index === winner ? 'matched' : 'no_match'
      for (const entry of ['AWS', 'AWS:EC2', 'AWS:eu-west-1']) {
        expect(await match(entry, `15.230.15.${40 + index}`), entry).toMatchObject({ outcome: expected })
      }
    }
  })

  it(`stores every narrowing of every provider: ${documentsTitle}`, async () => {
    const lists = readLists(readDocuments(documentsFolder))
    for (const provider of ['AZURE', 'GOOGLE', 'CLOUDFLARE', 'DIGITAL_OCEAN'] satisfies Provider[]) {
      const published = { ok: true, list: lists[provider] } as const
      expect(await refreshProvider(dependenciesFor(published), provider)).toMatchObject({
        outcome: 'updated',
      })
      expect(await refreshProvider(dependenciesFor(published), provider)).toMatchObject({
        outcome: 'unchanged',
      })
      expect(await readProviderNames(table, provider)).toHaveLength(lists[provider].names.size)
    }
    const entries = [...lists.AZURE.names.keys()].slice(0, 150).map((name) => {
      const parsed = parseEntry(`AZURE:${name}`)
      if (!parsed.ok || parsed.entry.kind !== 'provider') throw new Error(name)
      return parsed.entry
    })
    const data = await readProviderData(table, ['AZURE'], entries)
    expect(data.ranges.size).toBe(entries.length)
  })

  it('takes the largest list that an item can hold, in all its copies, with the largest refused one', async () => {
    const largest = async (update: AcceptedUpdate): Promise<boolean> => {
      const { claimed, state, change, whole, names } = update
      const held = refusedListOf(candidate, { reason: 'narrowings_held', detail: '' }, [])
      const parts = Array.from({ length: 8 }, () => new Uint8Array(350_000))
      const refused = { summary: { ...held.summary, partCount: parts.length }, parts }
      const full = { ...whole, bytes: new Uint8Array(380_000) }
      return saveUpdate(table, {
        claimed,
        state,
        change,
        names,
        whole: full,
        changed: [],
        removedNames: [],
        refused,
      })
    }
    const published = parseAwsList(newer(aws, '1700040000').replaceAll('15.230.15.29/32', '15.230.15.99/32'))
    if (!published.ok) throw new Error('no list')
    const { list } = published
    const lastGood = await readLastGood(table, 'AWS')
    const at = new Date(time + 9000).toISOString()
    const candidate = { list, built: buildRangeItems(list), lastGood, losses: [], at }
    expect(
      await refreshProvider({ ...dependenciesFor(published, time + 9000), saveUpdate: largest }, 'AWS'),
    ).toMatchObject({ outcome: 'updated' })
    for (let copy = 0; copy < rangeCopies; copy += 1) {
      const { ranges } = await readProviderData(table, [], [{ kind: 'provider', provider: 'AWS' }], copy)
      expect(ranges.get('AWS')).toHaveLength(380_000)
    }
    const refusal = await readRefusal(table, 'AWS')
    expect(refusal === undefined ? [] : await readRefusedParts(table, refusal)).toHaveLength(8)
  })
})
