import { refuseForeignText } from './json-document.ts'
import { collectPrefixes } from './prefix-collector.ts'
import { type ListOutcome, refuseList } from './published-list.ts'

/**
 * google.csv of DigitalOcean: a geofeed (RFC 8805), `prefix,country,region,city,postal`. Names: the countries (`NL`) and the
 * regions (`NL-NH`). Rows of two fields, `prefix,None`, occurred for years: they count only for the whole.
 */
export const parseDigitalOceanList = (text: string): ListOutcome => {
  const foreign = refuseForeignText(text)
  if (foreign !== undefined) return foreign
  // Every version seen ended with a newline; without one the body is truncated, maybe inside a postal code.
  if (!text.endsWith('\n')) return refuseList('truncated', 'the last line has no end')
  const collector = collectPrefixes()
  for (const line of text.split(/\r?\n/)) {
    // RFC 8805 section 2.1 allows empty lines and comments.
    if (line === '' || line.startsWith('#')) continue
    const [prefix = '', country = '', region = ''] = line.split(',')
    const names = [country, region].filter((name) => name !== 'None')
    const refusal = collector.add(prefix, names)
    if (refusal !== undefined) return refusal
  }
  const collected = collector.finish()
  if ('ok' in collected) return collected
  return {
    ok: true,
    list: {
      provider: 'DIGITAL_OCEAN',
      version: undefined,
      serials: [],
      publishedAtSeconds: undefined,
      ...collected,
    },
  }
}
