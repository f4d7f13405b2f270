import { isRecord, readJsonObject } from './json-document.ts'
import { collectPrefixes } from './prefix-collector.ts'
import { type ListOutcome, type ListRefusal, refuseList } from './published-list.ts'

/**
 * ip-ranges.json of AWS. Names: each region, each service, and `region:service`. The service `AMAZON` covers all others.
 * https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html
 */
export const parseAwsList = (text: string): ListOutcome => {
  const document = readJsonObject(text)
  if (!document.ok) return document
  const { syncToken, prefixes, ipv6_prefixes: ipv6Prefixes } = document.record
  const hasToken = typeof syncToken === 'string' && /^\d{9,12}$/.test(syncToken)
  if (!hasToken) return refuseList('malformed', 'syncToken is not a number of seconds')
  const collector = collectPrefixes()

  const addAll = (rows: unknown, field: 'ip_prefix' | 'ipv6_prefix'): ListRefusal | undefined => {
    if (!Array.isArray(rows)) return refuseList('malformed', `no list of ${field}`)
    for (const row of rows) {
      const prefix = isRecord(row) ? row[field] : undefined
      const region = isRecord(row) ? row['region'] : undefined
      const service = isRecord(row) ? row['service'] : undefined
      if (typeof prefix !== 'string' || typeof region !== 'string' || typeof service !== 'string') {
        return refuseList('malformed', `a row without ${field}, region and service`)
      }
      const refusal = collector.add(prefix, [region, service, `${region}:${service}`])
      if (refusal !== undefined) return refusal
    }
    return undefined
  }

  const refusal = addAll(prefixes, 'ip_prefix') ?? addAll(ipv6Prefixes, 'ipv6_prefix')
  if (refusal !== undefined) return refusal
  const collected = collector.finish()
  if ('ok' in collected) return collected
  const serial = Number(syncToken)
  return {
    ok: true,
    list: {
      provider: 'AWS',
      version: syncToken,
      serials: [serial],
      publishedAtSeconds: serial,
      ...collected,
    },
  }
}
