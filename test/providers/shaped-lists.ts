import { parseAwsList } from '../../lib/providers/lists/aws-list.ts'
import { parseAzureList } from '../../lib/providers/lists/azure-list.ts'
import { parseDigitalOceanList } from '../../lib/providers/lists/digital-ocean-list.ts'
import { parseGoogleList } from '../../lib/providers/lists/google-list.ts'
import type { ListOutcome } from '../../lib/providers/lists/published-list.ts'

/** Documents in the providers' forms and proportions, with addresses that are made up. */
export type Row = { readonly prefix: string; readonly names: readonly string[] }

const hex = (value: number): string => value.toString(16)

const isIpv6 = ({ prefix }: Row): boolean => prefix.includes(':')

/** DigitalOcean: some 160 IPv4 blocks, 47 /64 of IPv6 and one block that is nearly all of its IPv6. */
export const digitalOceanRows = (largest: string): Row[] => {
  const regions = ['NL-NH', 'US-NJ', 'US-CA', 'SG-01', 'IN-KA', 'DE-HE', 'CA-ON', 'AU-NSW']
  const regionOf = (index: number): readonly string[] => {
    const region = regions[index % regions.length] ?? ''
    return [region.slice(0, 2), region]
  }
  const ipv4 = Array.from({ length: 160 }, (_, index) => ({
    prefix: `${134 + (index % 4) * 2}.${index}.64.0/${20 + (index % 5)}`,
    names: regionOf(index),
  }))
  const ipv6 = Array.from({ length: 47 }, (_, index) => ({
    prefix: `2604:a880:${hex(index * 4)}::/64`,
    names: regionOf(index),
  }))
  return [...ipv4, ...ipv6, { prefix: largest, names: ['IN', 'IN-KA'] }]
}

/** AWS: every row once for AMAZON and again for its service; regions of some forty blocks. */
const awsRows = (): Row[] => {
  const regions = ['eu-west-1', 'us-east-1', 'us-west-2', 'ap-south-1', 'me-central-1', 'GLOBAL']
  const services = ['EC2', 'S3', 'CLOUDFRONT', 'DYNAMODB', 'API_GATEWAY']
  return regions.flatMap((region, at) =>
    Array.from({ length: 60 }, (_, index): Row[] => {
      const service = services[index % services.length] ?? ''
      const prefix =
        index % 3 === 0
          ? `2600:${hex(0x1f00 + at * 16)}:${hex(index * 2)}::/${index % 2 === 0 ? 48 : 56}`
          : `${13 + at * 2}.${index * 4}.${(index % 7) * 8}.0/${16 + 4 * (index % 3) + (index % 7 === 0 ? 0 : 5)}`
      const both = [region, 'AMAZON', `${region}:AMAZON`]
      return index % 4 === 0
        ? [{ prefix, names: both }]
        : [
            { prefix, names: both },
            { prefix, names: [region, service, `${region}:${service}`] },
          ]
    }).flat(),
  )
}

/** Google: scopes of cloud.json, and one block of goog.json that holds more than half of all IPv4 addresses. */
const googleRows = (): Row[] => {
  const scopes = ['us-central1', 'europe-west1', 'asia-east1', 'us-east4']
  const small = Array.from({ length: 60 }, (_, index) => ({
    prefix:
      index % 6 === 0 ? `2600:1900:${hex(index * 256)}::/44` : `34.${index * 4}.0.0/${16 + (index % 3)}`,
    names: [scopes[index % scopes.length] ?? ''],
  }))
  return [...small, { prefix: '35.192.0.0/10', names: [] }]
}

/** Azure: tags and regional tags that hold the same prefixes. */
const azureRows = (): Row[] => {
  const tags = ['Storage', 'Sql', 'AppService', 'AzureFrontDoor']
  const regions = ['WestEurope', 'EastUS', 'UKSouth']
  return tags.flatMap((tag, at) =>
    Array.from({ length: 90 }, (_, index) => ({
      prefix:
        index % 3 === 0
          ? `2603:${hex(0x1000 + at * 16)}:${hex(index)}::/48`
          : `${40 + at * 2}.${index * 2}.${at * 16}.0/${20 + (index % 8)}`,
      names: ['AzureCloud', tag, `${tag}.${regions[index % regions.length] ?? ''}`],
    })),
  )
}

const digitalOceanText = (rows: readonly Row[]): string =>
  rows
    .map(
      ({ prefix, names: [country = '', region = ''] }) => `${prefix},${country},${region},Somewhere,1000\n`,
    )
    .join('')

export const awsText = (rows: readonly Row[], syncToken = 1_700_000_000): string =>
  JSON.stringify({
    syncToken: String(syncToken),
    createDate: '2023-11-14-22-13-20',
    prefixes: rows
      .filter((row) => !isIpv6(row))
      .map(({ prefix, names: [region, service] }) => ({ ip_prefix: prefix, region, service })),
    ipv6_prefixes: rows
      .filter(isIpv6)
      .map(({ prefix, names: [region, service] }) => ({ ipv6_prefix: prefix, region, service })),
  })

/** Both documents alike: goog.json without the scopes. */
const googleText = (rows: readonly Row[], token = 1_700_000_000_000): string =>
  JSON.stringify({
    syncToken: String(token),
    prefixes: rows.map((row) => ({
      [isIpv6(row) ? 'ipv6Prefix' : 'ipv4Prefix']: row.prefix,
      ...(row.names[0] === undefined ? {} : { scope: row.names[0] }),
    })),
  })

const azureText = (rows: readonly Row[], changeNumber = 300): string => {
  const tags = new Map<string, string[]>()
  for (const { prefix, names } of rows)
    for (const name of names) tags.set(name, [...(tags.get(name) ?? []), prefix])
  const values = [...tags].map(([name, addressPrefixes]) => ({ name, properties: { addressPrefixes } }))
  return JSON.stringify({ changeNumber, cloud: 'Public', values })
}

/** Each provider that publishes parts: its rows, the text of its document, and how that is read. */
export const shapes = {
  AWS: { rows: awsRows(), text: (rows: readonly Row[]) => awsText(rows), read: parseAwsList },
  GOOGLE: {
    rows: googleRows(),
    text: (rows: readonly Row[]) => googleText(rows),
    read: (text: string): ListOutcome => parseGoogleList(text, text),
  },
  AZURE: {
    rows: azureRows(),
    text: (rows: readonly Row[]) => azureText(rows),
    read: (text: string): ListOutcome => parseAzureList(text, 'ServiceTags_Public_20231114.json'),
  },
  DIGITAL_OCEAN: {
    rows: digitalOceanRows('2400:6180::/48'),
    text: digitalOceanText,
    read: parseDigitalOceanList,
  },
} as const
