import { describe, expect, it } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { parseEntry } from '../../lib/whitelist/entry.ts'
import type { ProviderLists } from '../../lib/whitelist/examine-whitelist.ts'
import { examineWhitelist, refuseUnpublished } from '../../lib/whitelist/examine-whitelist.ts'
import type { Network } from '../../lib/whitelist/network.ts'
import type { Provider } from '../../lib/whitelist/provider.ts'
import { mergeNetworks } from '../../lib/whitelist/ranges/intervals.ts'
import { encodeRangeItem } from '../../lib/whitelist/ranges/range-item.ts'

const network = (text: string): Network => {
  const parsed = parseEntry(text)
  if (!parsed.ok || parsed.entry.kind !== 'network') throw new Error(text)
  return parsed.entry.network
}
const bytes = (subject: string, ...networks: string[]) =>
  encodeRangeItem({
    subject,
    version: '1',
    publishedAtSeconds: 1,
    ipv4Prefixes: networks.length,
    ipv6Prefixes: 0,
    intervals: mergeNetworks(networks.map(network)),
  })

/** AWS with one region, and nothing of the others. */
const lists = () => {
  const reads: Provider[][] = []
  const stored = new Map([
    ['AWS', bytes('AWS', '3.0.0.0/8')],
    ['AWS:eu-west-1', bytes('AWS:eu-west-1', '3.1.0.0/16')],
  ])
  const dependencies: ProviderLists = {
    readProviderData: (wanted) => {
      reads.push([...wanted])
      const freshness = wanted.includes('AWS')
        ? new Map([['AWS' as const, { revision: 1, checkedAtMilliseconds: 0, acceptedAtMilliseconds: 0 }]])
        : new Map()
      return Promise.resolve({ freshness, ranges: stored })
    },
    readProviderNames: (provider) => Promise.resolve(provider === 'AWS' ? ['eu-west-1', 'EC2'] : []),
  }
  return { dependencies, reads }
}

describe('examining a whitelist', () => {
  it('reads nothing where no provider word is in it', async () => {
    const { dependencies, reads } = lists()
    expect(await examineWhitelist(dependencies, ['203.0.113.7'])).toEqual({ refusals: [], warnings: [] })
    expect(reads).toEqual([])
  })

  it('says how many million addresses a word lets in', async () => {
    const { warnings } = await examineWhitelist(lists().dependencies, ['AWS', 'AWS:eu-west-1'])
    expect(warnings).toEqual([
      expect.stringMatching(/^AWS allows 16\.8 million IPv4 addresses/),
      expect.stringMatching(/^AWS:eu-west-1 allows 65,536 IPv4 addresses/),
    ])
  })

  it('refuses a name that the list does not have, by the index of its entry, with the nearest', async () => {
    const examined = await examineWhitelist(lists().dependencies, ['203.0.113.7', 'AWS', 'AWS:ec2'])
    expect(examined.refusals).toEqual([
      { index: 2, message: 'The published list of AWS has no ec2. Did you mean AWS:EC2?' },
    ])
    const refuse = () => refuseUnpublished(examined, 'entries')
    expect(refuse).toThrow(DomainError)
    expect(refuse).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'entries.2' })] }),
    )
  })

  it('takes a name on trust where no list was ever published, and says that it lets nobody in', async () => {
    const { refusals, warnings } = await examineWhitelist(lists().dependencies, ['GOOGLE:us-central1'])
    expect(refusals).toEqual([])
    expect(warnings).toEqual([expect.stringMatching(/^GOOGLE:us-central1 matches no address/)])
  })
})
