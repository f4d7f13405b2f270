import { describe, expect, it } from 'vitest'
import { buildRangeItems } from '../../lib/providers/ranges/build-range-items.ts'
import type { ProviderEntry } from '../../lib/whitelist/entry.ts'
import { formatEntry } from '../../lib/whitelist/entry.ts'
import { compileWhitelist, matchWhitelist, type WhitelistOutcome } from '../../lib/whitelist/match.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'
import { rememberProviderRanges, type StoredProviderData } from '../../lib/whitelist/provider-ranges.ts'
import { handMadeFolder, readDocuments } from '../providers/provider-documents.ts'
import { readLists } from '../providers/provider-lists.ts'

const day = 86_400_000

const setting = () => {
  const { whole, narrowed } = buildRangeItems(readLists(readDocuments(handMadeFolder)).AWS)
  const world = {
    time: 100 * day,
    checkedAt: 100 * day,
    acceptedAt: 99 * day,
    revision: 1,
    reads: [] as string[],
    failing: false,
    /** Comes between the reads of two items. */
    meanwhile: () => undefined as unknown,
    failures: [] as unknown[],
    stored: new Map([
      ['AWS', whole.bytes],
      ...narrowed.map(({ name, bytes }) => [`AWS:${name}`, bytes] as const),
    ]),
  }
  const read = (
    wanted: readonly Provider[],
    entries: readonly ProviderEntry[],
  ): Promise<StoredProviderData> => {
    world.reads.push([...wanted, ...entries.map(formatEntry)].join(' '))
    if (world.failing) return Promise.reject(new Error('throttled'))
    const ranges = new Map(
      entries.flatMap((entry) => {
        const bytes = world.stored.get(formatEntry(entry))
        return bytes === undefined ? [] : [[formatEntry(entry), bytes] as const]
      }),
    )
    world.meanwhile()
    const freshness = {
      revision: world.revision,
      checkedAtMilliseconds: world.checkedAt,
      acceptedAtMilliseconds: world.acceptedAt,
    }
    const asked = wanted.filter((provider) => provider === 'AWS')
    return Promise.resolve({ freshness: new Map(asked.map((provider) => [provider, freshness])), ranges })
  }
  const prepare = rememberProviderRanges({
    read,
    now: () => world.time,
    recheckSeconds: 300,
    maximumAgeDays: 30,
    onReadFailure: (error) => world.failures.push(error),
  })
  const match = async (texts: readonly string[], address: string): Promise<WhitelistOutcome> => {
    const whitelist = compileWhitelist(texts)
    return matchWhitelist(whitelist, address, await prepare(whitelist.providers))
  }
  return { world, match }
}

describe('the ranges that a container remembers', () => {
  it('let in the addresses that the provider publishes, and name prefix and version', async () => {
    const { match } = setting()
    expect(await match(['AWS'], '3.5.141.7')).toEqual({
      outcome: 'matched',
      entry: 'AWS',
      prefix: '3.5.140.0/22',
      providerVersion: '1700000000',
    })
    expect(await match(['AWS:eu-west-1:EC2'], '3.5.141.7')).toEqual({ outcome: 'no_match' })
    expect(await match(['AWS:EC2'], '2a05:d018::1')).toMatchObject({
      outcome: 'matched',
      prefix: '2a05:d018::/36',
    })
  })

  it('are read once, with no storage call on the warm path', async () => {
    const { world, match } = setting()
    for (let times = 0; times < 5; times += 1) await match(['AWS', 'AWS:EC2'], '3.5.141.7')
    expect(world.reads).toEqual(['AWS AWS AWS:EC2'])
    await match(['203.0.113.7'], '203.0.113.7')
    expect(world.reads).toHaveLength(1)
  })

  it('are not read again while the revision stands', async () => {
    const { world, match } = setting()
    await match(['AWS'], '3.5.141.7')
    world.time += 300_000
    await match(['AWS'], '3.5.141.7')
    expect(world.reads).toEqual(['AWS AWS', 'AWS'])
  })

  it('are read again when the revision moved', async () => {
    const { world, match } = setting()
    await match(['AWS', 'AWS:GLOBAL'], '13.32.0.1')
    world.time += 300_000
    world.revision += 1
    world.stored.delete('AWS:GLOBAL')
    expect(await match(['AWS:GLOBAL'], '13.32.0.1')).toMatchObject({
      outcome: 'unevaluable',
      reason: 'provider_missing',
    })
    expect(world.reads).toEqual(['AWS AWS AWS:GLOBAL', 'AWS', 'AWS:GLOBAL'])
    expect(await match(['AWS'], '13.32.0.1')).toMatchObject({ outcome: 'matched' })
    expect(world.reads.at(-1)).toBe('AWS')
  })

  it('are not kept longer because the clock was set back', async () => {
    const { world, match } = setting()
    await match(['AWS:GLOBAL'], '13.32.0.1')
    world.time -= 3_600_000
    world.revision += 1
    world.stored.delete('AWS:GLOBAL')
    expect(await match(['AWS:GLOBAL'], '13.32.0.1')).toMatchObject({ reason: 'provider_missing' })
  })

  it('are not kept as those of a list that replaced them during their read', async () => {
    const { world, match } = setting()
    world.meanwhile = () => {
      if (world.revision === 2) return
      world.revision = 2
      world.acceptedAt = world.time
      world.stored.delete('AWS:GLOBAL')
    }
    expect(await match(['AWS:GLOBAL'], '13.32.0.1')).toMatchObject({ reason: 'provider_missing' })
    world.time += 300_000
    expect(await match(['AWS:GLOBAL'], '13.32.0.1')).toMatchObject({ reason: 'provider_missing' })
    expect(world.reads).toEqual(['AWS AWS:GLOBAL', 'AWS:GLOBAL', 'AWS'])
  })

  it('deny when they are missing, damaged, or stored under another name', async () => {
    const { world, match } = setting()
    const missing = { outcome: 'unevaluable', reason: 'provider_missing' }
    expect(await match(['GOOGLE'], '8.8.4.4')).toMatchObject(missing)
    expect(await match(['AWS:mars-1'], '3.5.141.7')).toMatchObject(missing)
    world.stored.set('AWS:S3', new Uint8Array(70))
    expect(await match(['AWS:S3'], '3.5.141.7')).toMatchObject(missing)
    world.stored.set('AWS:CLOUDFRONT', world.stored.get('AWS') ?? new Uint8Array())
    expect(await match(['AWS:CLOUDFRONT'], '3.5.141.7')).toMatchObject(missing)
  })

  it('deny when no download has confirmed them for longer than the limit', async () => {
    const { world, match } = setting()
    world.checkedAt = world.time - 30 * day
    expect(await match(['AWS'], '3.5.141.7')).toMatchObject({ outcome: 'matched' })
    world.time += 1
    expect(await match(['AWS'], '3.5.141.7')).toMatchObject({
      outcome: 'unevaluable',
      reason: 'provider_too_old',
    })
    expect(await match(['AWS', '3.5.141.7'], '3.5.141.7')).toMatchObject({
      outcome: 'matched',
      entry: '3.5.141.7',
    })
  })

  it('serve on while storage fails, until they are too old; what was never read is undecided, not denied (A2)', async () => {
    const { world, match } = setting()
    await match(['AWS'], '3.5.141.7')
    world.failing = true
    world.time += 300_000
    expect(await match(['AWS'], '3.5.141.7')).toMatchObject({ outcome: 'matched' })
    await expect(match(['AWS:EC2'], '3.5.144.1')).rejects.toThrow('throttled')
    expect(await match(['AWS:EC2', '192.0.2.1'], '192.0.2.1')).toMatchObject({ entry: '192.0.2.1' })
    expect(await match(['AWS:EC2', 'AWS'], '3.5.141.7')).toMatchObject({ entry: 'AWS' })
    expect(world.failures).toHaveLength(4)
    world.time += 31 * day
    await expect(match(['AWS'], '3.5.141.7')).rejects.toThrow('throttled')
    world.failing = false
    expect(await match(['AWS'], '3.5.141.7')).toMatchObject({
      outcome: 'unevaluable',
      reason: 'provider_too_old',
    })
    world.checkedAt = world.time
    expect(await match(['AWS:EC2'], '3.5.144.1')).toMatchObject({ outcome: 'matched' })
  })
})
