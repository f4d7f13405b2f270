import { describe, expect, it } from 'vitest'
import { collectPrefixes } from '../../lib/providers/lists/prefix-collector.ts'
import { refreshProvider } from '../../lib/providers/refresh-providers.ts'
import { rememberProvider } from './provider-memory.ts'
import { awsText, digitalOceanRows, type Row, shapes } from './shaped-lists.ts'

type Shaped = keyof typeof shapes
const shaped = Object.keys(shapes) as Shaped[]

const day = 86_400_000

const stored = async (provider: Shaped, rows: readonly Row[] = shapes[provider].rows) => {
  const setting = rememberProvider(provider)
  const { text, read } = shapes[provider]
  const publish = (next: string) => {
    setting.memory.published = read(next)
    return refreshProvider(setting.dependencies, provider)
  }
  expect(await publish(text(rows))).toMatchObject({ outcome: 'updated' })
  return { ...setting, rows, publish, publishRows: (next: readonly Row[]) => publish(text(next)) }
}

const isIpv6 = ({ prefix }: Row): boolean => prefix.includes(':')

describe('genuine updates', () => {
  it('pass when the block that was nearly all of the IPv6 is replaced, and so do all that follow', async () => {
    const { publishRows, memory } = await stored('DIGITAL_OCEAN', digitalOceanRows('2400:6100::/40'))
    const after = digitalOceanRows('2400:6180:100::/64')
    expect(await publishRows(after)).toMatchObject({ outcome: 'updated' })
    expect(await publishRows(after.slice(2))).toMatchObject({ outcome: 'updated' })
    expect(memory.state).toMatchObject({ lastError: null, refusedHash: null })
  })

  it('pass when one block of 61 % of all IPv4 addresses goes', async () => {
    const { rows, publishRows } = await stored('GOOGLE')
    expect(await publishRows(rows.filter(({ prefix }) => prefix !== '35.192.0.0/10'))).toMatchObject({
      outcome: 'updated',
    })
  })

  it('pass when regions are named anew, and say which names are gone', async () => {
    const { rows, publishRows } = await stored('DIGITAL_OCEAN')
    const renamed = rows.map((row) => ({
      ...row,
      names: row.names.map((name) => (name === 'US-NJ' ? 'US-NY' : name)),
    }))
    expect(await publishRows(renamed)).toMatchObject({
      outcome: 'updated',
      change: {
        removed: { blockCount: 0 },
        losses: { count: 1, narrowings: [{ name: 'US-NJ', gone: true, keptPercent: 0, held: false }] },
      },
    })
  })
})

describe.each(shaped)('damaged lists of %s', (provider) => {
  const { rows, text } = shapes[provider]
  const regionOf = ({ names }: Row): string => names.at(provider === 'AZURE' ? 2 : 0) ?? ''
  const region = regionOf(rows[1] ?? { prefix: '', names: [] })
  const other = provider === 'AWS' ? shapes.AZURE : shapes.AWS

  it.each([
    ['its first half', text(rows.slice(0, rows.length / 2))],
    ['its second half', text(rows.slice(rows.length / 2))],
    ['every other row', text(rows.filter((_, index) => index % 2 === 0))],
    ['half of its IPv4', text(rows.filter((row, index) => isIpv6(row) || index % 2 === 0))],
    ['half of its IPv6', text(rows.filter((row, index) => !isIpv6(row) || index % 4 === 0))],
    ['two rows', text([rows.find(isIpv6), rows.find((row) => !isIpv6(row))].flatMap((row) => row ?? []))],
    ['no IPv6', text(rows.filter((row) => !isIpv6(row)))],
    ['no IPv4', text(rows.filter(isIpv6))],
    ['no rows', text([])],
    ['half of its text', text(rows).slice(0, text(rows).length / 2 + 3)],
    ['a page', '<!DOCTYPE html><title>Something went wrong!</title>'],
    ['nothing', ''],
    ["another provider's document", other.text(other.rows)],
    ["another provider's addresses", text(other.rows)],
    [`without ${region}`, text(rows.filter((row) => regionOf(row) !== region))],
  ])('are refused: %s', async (_title, damaged) => {
    const { memory, publish } = await stored(provider)
    const good = memory.whole
    expect(await publish(damaged)).toMatchObject({ outcome: 'refused' })
    expect(memory.whole).toBe(good)
    expect(memory.updates).toHaveLength(1)
  })
})

describe('a part that is lost', () => {
  const isOf = (name: string) => (row: Row) => row.names.includes(name)

  it('is the word of the provider when every download leaves it out for a week', async () => {
    const { rows, memory, publishRows } = await stored('AWS')
    const without = rows.filter((row) => !isOf('me-central-1')(row))
    const started = memory.time
    for (; memory.time - started < 7 * day; memory.time += day / 4) {
      expect(await publishRows(without)).toMatchObject({ outcome: 'refused', reason: 'narrowing_lost' })
    }
    expect(await publishRows(without)).toMatchObject({ outcome: 'updated' })
    expect(memory.state?.lastError).toBeNull()
  })

  it('is not taken after a week in which lists were refused for less', async () => {
    const { rows, memory, publishRows } = await stored('AWS')
    const half = rows.slice(0, rows.length / 2)
    const without = rows.filter((row) => !isOf('me-central-1')(row))
    for (let days = 0; days <= 8; days += 1) {
      expect(await publishRows(half)).toMatchObject({ outcome: 'refused', reason: 'shrunk' })
      memory.time += day
    }
    expect(await publishRows(without)).toMatchObject({ outcome: 'refused', reason: 'narrowing_lost' })
    memory.time += 7 * day - 1
    expect(await publishRows(without)).toMatchObject({ outcome: 'refused', reason: 'narrowing_lost' })
    memory.time += 1
    expect(await publishRows(without)).toMatchObject({ outcome: 'updated' })
  })

  it('still waits to be accepted after a download that failed', async () => {
    const { rows, memory, dependencies, publishRows } = await stored('AWS')
    await publishRows(rows.slice(0, rows.length / 2))
    const waiting = memory.state?.refusedHash
    memory.published = { ok: false, reason: 'status', detail: 'status 503' }
    await refreshProvider(dependencies, 'AWS')
    expect(waiting).toMatch(/^[0-9a-f]+$/)
    expect(memory.state).toMatchObject({ refusedHash: waiting, lastError: { reason: 'status' } })
  })

  it('begins its week anew after a whole list', async () => {
    const { rows, memory, publishRows } = await stored('AWS')
    const without = rows.filter((row) => !isOf('me-central-1')(row))
    await publishRows(without)
    memory.time += 6 * day
    expect(await publishRows(rows)).toMatchObject({ outcome: 'unchanged' })
    memory.time += 2 * day
    expect(await publishRows(without)).toMatchObject({ outcome: 'refused' })
  })

  /** The addresses stay in the list, under other names: a thousand rows cut to two. */
  const cut = (rows: readonly Row[]): Row[] => {
    const ec2 = rows.filter(isOf('EC2'))
    return rows.filter((row) => !isOf('EC2')(row) || ec2.indexOf(row) < 2)
  }

  it('is shown where nobody names it', async () => {
    const { rows, memory, publishRows } = await stored('AWS')
    const outcome = await publishRows(cut(rows))
    expect(outcome).toMatchObject({ outcome: 'updated' })
    const lost = memory.state?.lastChange?.losses.narrowings ?? []
    expect(lost.map(({ name }) => name)).toContain('EC2')
    expect(memory.state?.held).toEqual([])
  })

  it('keeps its last good addresses where a whitelist names it, for all that the list goes on', async () => {
    const { rows, memory, publishRows } = await stored('AWS')
    memory.named.add('EC2').add('eu-west-1')
    const [ec2, s3] = [memory.narrowings.get('EC2'), memory.narrowings.get('eu-west-1:S3')]
    const added = { prefix: '99.80.0.0/20', names: ['eu-west-1', 'S3', 'eu-west-1:S3'] }
    expect(await publishRows([...cut(rows), added])).toMatchObject({
      outcome: 'updated',
      change: {
        losses: {
          narrowings: expect.arrayContaining([expect.objectContaining({ name: 'EC2', held: true })]),
        },
      },
    })
    expect(memory.narrowings.get('EC2')).toBe(ec2)
    expect(memory.narrowings.get('eu-west-1:S3')).not.toBe(s3)
    expect(memory.state?.held.map(({ name }) => name)).toEqual(['EC2'])
    expect(memory.refused?.summary).toMatchObject({
      reason: 'narrowings_held',
      hash: memory.state?.refusedHash,
    })

    // The same list again: still held, and told again.
    expect(await publishRows([...cut(rows), added])).toMatchObject({
      outcome: 'unchanged',
      held: [{ name: 'EC2' }],
    })
    // And so it is on the next day, when the list that waits is as new as the download.
    memory.time += day
    await publishRows([...cut(rows), added])
    expect(memory.refused?.summary.at).toBe(new Date(memory.time).toISOString())
    // It comes back.
    expect(await publishRows([...rows, added])).toMatchObject({ outcome: 'updated' })
    expect(memory.state).toMatchObject({ held: [], refusedHash: null })
  })

  it('is one of a hundred at most: whitelists that name more find a list that is refused', async () => {
    const listed = async (serial: number, namesOf: (region: number) => readonly string[]) => {
      const collector = collectPrefixes()
      // What a region had stays in the list, under the other names.
      for (let block = 0; block < 202; block += 1)
        collector.add(`50.${block}.0.0/24`, [...namesOf(block % 101), 'one', 'two', 'three'])
      collector.add('2600:9000::/28', ['one'])
      const collected = collector.finish()
      if ('ok' in collected) throw new Error(collected.detail)
      const list = {
        provider: 'AWS',
        version: '1',
        serials: [serial],
        publishedAtSeconds: undefined,
      } as const
      memory.published = { ok: true, list: { ...list, ...collected } }
      return await refreshProvider(dependencies, 'AWS')
    }
    const { memory, dependencies } = rememberProvider('AWS')
    await listed(1, (region) => [`region-${region}`])
    for (let region = 0; region < 101; region += 1) memory.named.add(`region-${region}`)
    expect(await listed(2, () => [])).toMatchObject({ outcome: 'refused', reason: 'narrowings_shrunk' })
    expect(memory.state?.refusedHash).toBe(memory.refused?.summary.hash)
    memory.named.delete('region-100')
    expect(await listed(3, () => [])).toMatchObject({ outcome: 'updated' })
    expect(memory.state?.held).toHaveLength(100)
  })

  it('is given up when no whitelist names it any more', async () => {
    const { rows, memory, publishRows } = await stored('AWS')
    memory.named.add('EC2')
    const before = memory.narrowings.get('EC2')
    await publishRows(cut(rows))
    memory.named.clear()
    expect(await publishRows(cut(rows))).toMatchObject({ outcome: 'updated' })
    expect(memory.narrowings.get('EC2')).not.toBe(before)
    expect(memory.state).toMatchObject({ held: [], refusedHash: null })
  })

  it('is given up after as long as a list may be old', async () => {
    const { rows, memory, publishRows } = await stored('AWS')
    memory.named.add('EC2')
    await publishRows(cut(rows))
    memory.time += 30 * day
    expect(await publishRows(cut(rows))).toMatchObject({ outcome: 'unchanged', held: [{ name: 'EC2' }] })
    memory.time += day
    expect(await publishRows(cut(rows))).toMatchObject({ outcome: 'updated' })
    expect(memory.state?.held).toEqual([])
  })

  it('keeps the name that a whitelist says, though the provider has dropped it', async () => {
    const { rows, memory, publishRows } = await stored('DIGITAL_OCEAN')
    memory.named.add('US-NJ')
    const renamed = rows.map((row) => ({
      ...row,
      names: row.names.map((name) => (name === 'US-NJ' ? 'US-NY' : name)),
    }))
    expect(await publishRows(renamed)).toMatchObject({ outcome: 'updated' })
    expect(memory.narrowings.has('US-NJ')).toBe(true)
    expect([...memory.names.keys()]).toEqual(expect.arrayContaining(['US-NJ', 'US-NY']))
  })
})

describe('a document that is older', () => {
  it('is no alarm until it stays for longer than caches do', async () => {
    const { rows, read } = shapes.AWS
    const { memory, dependencies } = rememberProvider('AWS')
    const publish = (token: number) => {
      memory.published = read(awsText(rows, token))
      return refreshProvider(dependencies, 'AWS')
    }
    await publish(1_700_000_500)
    const good = memory.whole
    expect(await publish(1_700_000_400)).toMatchObject({ outcome: 'older' })
    memory.time += (5.5 * 3600 - 1) * 1000
    expect(await publish(1_700_000_400)).toMatchObject({ outcome: 'older' })
    memory.time += 1000
    expect(await publish(1_700_000_400)).toMatchObject({ outcome: 'refused', reason: 'older' })
    expect(memory.whole).toBe(good)
    expect(await publish(1_700_000_600)).toMatchObject({ outcome: 'unchanged' })
    expect(await publish(1_700_000_400)).toMatchObject({ outcome: 'older' })
  })
})
