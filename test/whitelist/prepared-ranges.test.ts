import { describe, expect, it } from 'vitest'
import { formatEntry } from '../../lib/whitelist/entry.ts'
import { compileWhitelist, matchWhitelist } from '../../lib/whitelist/match.ts'
import { prepareNoRanges, rangesFor, rangesForTexts } from '../../lib/whitelist/prepared-ranges.ts'
import type { PrepareRanges } from '../../lib/whitelist/provider-ranges.ts'

/** Every provider publishes all addresses. */
const reading = () => {
  const read: string[][] = []
  const prepare: PrepareRanges = (entries) => {
    read.push(entries.map(formatEntry))
    return Promise.resolve(() => ({ state: 'ready', providerVersion: '7', prefixOf: () => '0.0.0.0/0' }))
  }
  return { read, prepare }
}
const address = '203.0.113.7'

describe('the ranges for one whitelist', () => {
  it('are those of its provider words, read at once', async () => {
    const { read, prepare } = reading()
    const texts = ['198.51.100.1', 'AWS:EC2', 'GOOGLE']
    const whitelist = compileWhitelist(texts)
    for (const ranges of [await rangesFor(prepare, whitelist), await rangesForTexts(prepare, texts)])
      expect(matchWhitelist(whitelist, address, ranges)).toMatchObject({ entry: 'AWS:EC2' })
    expect(read).toEqual([
      ['AWS:EC2', 'GOOGLE'],
      ['AWS:EC2', 'GOOGLE'],
    ])
  })

  it('are not read for a whitelist without provider words', async () => {
    const { read, prepare } = reading()
    const ranges = await rangesForTexts(prepare, ['198.51.100.1'])
    expect(ranges({ kind: 'provider', provider: 'AWS' })).toBeUndefined()
    expect(read).toEqual([])
  })

  it('hold no address where there are no lists of providers', async () => {
    const whitelist = compileWhitelist(['AWS'])
    const ranges = await rangesFor(prepareNoRanges, whitelist)
    expect(matchWhitelist(whitelist, address, ranges)).toMatchObject({ reason: 'provider_missing' })
  })
})
