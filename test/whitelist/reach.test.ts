import { describe, expect, it } from 'vitest'
import { parseEntries } from '../../lib/whitelist/entries.ts'
import { nearestNames, whitelistWarnings } from '../../lib/whitelist/reach.ts'

const warnings = (...texts: string[]): string[] => {
  const parsed = parseEntries(texts)
  if (!parsed.ok) throw new Error('refused')
  return whitelistWarnings(parsed.entries, ({ provider }) =>
    provider === 'AWS' ? { ipv4Addresses: 101_846_148, ipv6Blocks: 1931 } : undefined,
  )
}

describe('whitelistWarnings', () => {
  it('says how many addresses, rented by anyone, a provider word lets in, and suggests narrower ones', () => {
    expect(warnings('AWS')).toEqual([
      'AWS allows 101.8 million IPv4 addresses and 1,931 blocks of IPv6. Anyone can rent one of them. Narrow it if possible: AWS:eu-west-1, AWS:EC2 or AWS:eu-west-1:EC2.',
    ])
    expect(warnings('AWS:EC2')[0]).not.toContain('Narrow it')
  })

  it('says that a provider without a list lets nobody in', () => {
    expect(warnings('AZURE')[0]).toContain('matches no address')
  })

  it('names wide ranges and is silent on narrow ones', () => {
    expect(warnings('128.0.0.0/1')[0]).toContain('2147.5 million addresses')
    expect(warnings('2000::/3')[0]).toContain('a /3 of IPv6')
    expect(warnings('203.0.113.7', '10.0.0.0/16', '2001:db8::/32')).toEqual([])
  })
})

describe('nearestNames', () => {
  const names = ['eu-west-1', 'eu-west-2', 'EC2', 'EC2_INSTANCE_CONNECT', 'eu-west-1:EC2', 'us-east-1']

  it('finds the name that differs in case or punctuation first', () => {
    expect(nearestNames('AWS', 'EU-WEST-1', names)[0]).toBe('AWS:eu-west-1')
    expect(nearestNames('AWS', 'euwest1', names)[0]).toBe('AWS:eu-west-1')
    expect(nearestNames('AWS', 'ec2', names)[0]).toBe('AWS:EC2')
  })

  it('finds names that begin alike, at most three, and none where nothing is near', () => {
    expect(nearestNames('AWS', 'eu-west', names)).toEqual([
      'AWS:eu-west-1',
      'AWS:eu-west-2',
      'AWS:eu-west-1:EC2',
    ])
    expect(nearestNames('AWS', 'mars-1', names)).toEqual([])
  })

  it('names those that begin alike before those that contain the name, and of each the shortest first', () => {
    const published = ['AzureStorage', 'Storage.WestEurope', 'MyStorage', 'Storage.Asia', 'Sql']
    expect(nearestNames('AZURE', 'Storage', published)).toEqual([
      'AZURE:Storage.Asia',
      'AZURE:Storage.WestEurope',
      'AZURE:MyStorage',
    ])
    expect(nearestNames('AZURE', 'storage', ['Storages', 'MyStorage', 'STORAGE'])[0]).toBe('AZURE:STORAGE')
  })

  it('finds the region of a zone, whose name goes on', () => {
    expect(nearestNames('AWS', 'eu-west-2c', names)).toEqual(['AWS:eu-west-2'])
  })

  it('finds nothing near a name without letters and digits', () => {
    expect(nearestNames('AWS', '--', names)).toEqual([])
    expect(nearestNames('AWS', 'EC2', ['-', 'S3'])).toEqual([])
  })
})
