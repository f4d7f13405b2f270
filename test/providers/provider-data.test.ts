import { beforeEach, describe, expect, it } from 'vitest'
import { parseAwsList } from '../../lib/providers/lists/aws-list.ts'
import { collectPrefixes } from '../../lib/providers/lists/prefix-collector.ts'
import { readRefusal, readRefusedParts } from '../../lib/providers/provider-refusal-store.ts'
import { readLastGood, readNarrowings, readProviderData } from '../../lib/providers/provider-store.ts'
import type { PublishedOutcome } from '../../lib/providers/published-documents.ts'
import { refreshProvider } from '../../lib/providers/refresh-providers.ts'
import type { Table } from '../../lib/table/document-client.ts'
import { keys } from '../../lib/table/keys.ts'
import { writeTransaction } from '../../lib/table/transaction.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { handMadeFolder, readDocuments } from './provider-documents.ts'
import { refreshing } from './refresh-scene.ts'

const { aws } = readDocuments(handMadeFolder)
const time = Date.parse('2026-01-01T00:00:00Z')
const day = 86_400_000
let table: Table
beforeEach(async () => {
  table = await freshTable()
})

/** @param to the table, as the writes of an update see it */
const refresh = (published: PublishedOutcome, now = time, to = table) =>
  refreshProvider(refreshing(table, published, now, to), 'AWS')
const whole = { kind: 'provider', provider: 'AWS' } as const
const read = (copy?: number) => readProviderData(table, ['AWS'], [whole], copy)

describe('the stored data of a provider', () => {
  it('tell when its list was accepted, and when a download last confirmed it', async () => {
    await refresh({ ok: false, reason: 'no_source', detail: 'none' })
    expect((await read()).freshness.size).toBe(0)
    await refresh(parseAwsList(aws), time + day)
    await refresh(parseAwsList(aws), time + 3 * day)
    expect((await read()).freshness.get('AWS')).toEqual({
      revision: 4,
      acceptedAtMilliseconds: time + day,
      checkedAtMilliseconds: time + 3 * day,
    })
  })

  it('have eight copies of the whole list, each read by itself', async () => {
    await refresh(parseAwsList(aws))
    const copies = Array.from({ length: 9 }, (_, copy) => keys.providerRanges('AWS', '', copy))
    const stored = new Set((await allItems(table)).map(({ pk, sk }) => `${pk} ${sk}`))
    expect(copies.map(({ pk, sk }) => stored.has(`${pk} ${sk}`))).toEqual([...Array(8).fill(true), false])
    const [first = keys.providerState('AWS')] = copies
    await writeTransaction(table, [{ label: 'copy', delete: first }])
    const found = async (copy?: number) => (await read(copy)).ranges.has('AWS')
    expect([await found(), await found(0), await found(1), await found(7)]).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it('keep each change for a year', async () => {
    await refresh(parseAwsList(aws))
    const changes = (await allItems(table)).filter(({ kind }) => kind === 'provider-change')
    expect(changes.map(({ expiresAtSeconds }) => expiresAtSeconds)).toEqual([(time + 366 * day) / 1000])
  })

  it.each([2, 3])(
    'are those of the refresh that claimed them last, before transaction %d of another',
    async (at) => {
      const withAddress = (last: number) =>
        parseAwsList(
          aws.replace('1700000000', `17000000${last}`).replaceAll('15.230.15.29/32', `15.230.15.${last}/32`),
        )
      await refresh(parseAwsList(aws))
      let transactions = 0
      const send: Table['client']['send'] = async (command: never) => {
        if ('TransactItems' in Object(command).input) transactions += 1
        if (transactions === at) {
          transactions += 1
          expect(await refresh(withAddress(50), time + 2)).toMatchObject({ outcome: 'updated' })
        }
        return await table.client.send(command)
      }
      const overtaken = { ...table, client: { ...table.client, send } as Table['client'] }
      expect(await refresh(withAddress(40), time + 1, overtaken)).toMatchObject({ outcome: 'superseded' })
      const [bytes] = (await readNarrowings(table, 'AWS', ['EC2'])).values()
      const lists = await readLastGood(table, 'AWS')
      expect(lists.state?.list?.version).toBe('1700000050')
      table = await freshTable()
      await refresh(withAddress(50))
      expect([...(await readNarrowings(table, 'AWS', ['EC2'])).values()]).toEqual([bytes])
    },
  )

  it('have the parts of the list that was refused, of no other, for thirty days after its last download', async () => {
    await refresh(parseAwsList(aws))
    await refresh(parseAwsList(aws.replace('1700000000', '1600000000')), time + day)
    const refusal = await readRefusal(table, 'AWS')
    if (refusal === undefined) throw new Error('nothing was refused')
    const { partCount, hash } = refusal
    expect(await readRefusedParts(table, refusal)).toHaveLength(partCount)
    for (const other of [{ hash: `${hash}0` }, { partCount: partCount + 1 }, { partCount: 0 }])
      expect(await readRefusedParts(table, { ...refusal, ...other })).toBeUndefined()
    const expiries = (await allItems(table)).flatMap(({ kind, expiresAtSeconds }) =>
      String(kind).startsWith('provider-refus') ? [expiresAtSeconds] : [],
    )
    expect(expiries).toEqual(Array(partCount + 1).fill((time + 31 * day) / 1000))
  })

  it('take more narrowings than a transaction has writes', async () => {
    const collector = collectPrefixes()
    for (let number = 0; number < 250; number += 1) collector.add(`50.0.${number}.0/24`, [`region-${number}`])
    collector.add('2600:9000::/28', ['region-0'])
    const collected = collector.finish()
    if ('ok' in collected) throw new Error(collected.detail)
    const list = { provider: 'AWS', version: '1', serials: [1], publishedAtSeconds: undefined } as const
    const outcome = await refresh({ ok: true, list: { ...list, ...collected } })
    expect(outcome).toMatchObject({ outcome: 'updated' })
    expect((await readLastGood(table, 'AWS')).names.size).toBe(250)
    const last = await readNarrowings(table, 'AWS', ['region-0', 'region-249'])
    expect([...last.keys()]).toEqual(['region-0', 'region-249'])
  })
})
