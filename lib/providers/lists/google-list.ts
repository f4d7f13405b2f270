import { isRecord, readJsonObject } from './json-document.ts'
import { collectPrefixes, type PrefixCollector } from './prefix-collector.ts'
import { type ListOutcome, type ListRefusal, refuseList } from './published-list.ts'

/** Reads one document into the collector. Returns its syncToken or a refusal. */
const addDocument = (title: string, text: string, collector: PrefixCollector): string | ListRefusal => {
  const refused = (refusal: ListRefusal): ListRefusal =>
    refuseList(refusal.reason, `${title}: ${refusal.detail}`)
  const document = readJsonObject(text)
  if (!document.ok) return refused(document)
  const { syncToken, prefixes } = document.record
  const hasToken = typeof syncToken === 'string' && /^\d{12,15}$/.test(syncToken)
  if (!hasToken) return refuseList('malformed', `${title}: syncToken is not a number of milliseconds`)
  if (!Array.isArray(prefixes)) return refuseList('malformed', `${title}: no list of prefixes`)
  // Check each document alone: the union would hide that one of them lacks a family.
  const own = collectPrefixes()
  for (const row of prefixes) {
    const record = isRecord(row) ? row : {}
    const { ipv4Prefix, ipv6Prefix, scope } = record
    const prefix = ipv4Prefix ?? ipv6Prefix
    const hasBoth = ipv4Prefix !== undefined && ipv6Prefix !== undefined
    const hasOddScope = scope !== undefined && typeof scope !== 'string'
    if (typeof prefix !== 'string' || hasBoth || hasOddScope) {
      return refuseList('malformed', `${title}: a row without one ipv4Prefix or ipv6Prefix`)
    }
    const refusal = own.add(prefix, []) ?? collector.add(prefix, scope === undefined ? [] : [scope])
    if (refusal !== undefined) return refused(refusal)
  }
  const collected = own.finish()
  return 'ok' in collected ? refused(collected) : syncToken
}

/**
 * The union of cloud.json (customers' addresses, with a scope such as us-central1) and goog.json (all of Google): some
 * prefixes are in cloud.json only. Names: the scopes. https://support.google.com/a/answer/10026322
 */
export const parseGoogleList = (cloudText: string, googText: string): ListOutcome => {
  const collector = collectPrefixes()
  const cloudToken = addDocument('cloud.json', cloudText, collector)
  if (typeof cloudToken !== 'string') return cloudToken
  const googToken = addDocument('goog.json', googText, collector)
  if (typeof googToken !== 'string') return googToken
  const collected = collector.finish()
  if ('ok' in collected) return collected
  const serials = [Number(cloudToken), Number(googToken)]
  return {
    ok: true,
    list: {
      provider: 'GOOGLE',
      version: `${cloudToken}+${googToken}`,
      serials,
      // creationTime has no zone (it is US Pacific time); the token is a time in milliseconds.
      publishedAtSeconds: Math.floor(Math.max(...serials) / 1000),
      ...collected,
    },
  }
}
