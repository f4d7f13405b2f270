import { isRecord, readJsonObject, refuseForeignText } from './json-document.ts'
import { collectPrefixes } from './prefix-collector.ts'
import { type ListOutcome, refuseList } from './published-list.ts'

const listOf = (prefixes: readonly unknown[], version: string | undefined): ListOutcome => {
  const collector = collectPrefixes()
  for (const prefix of prefixes) {
    const refusal =
      typeof prefix === 'string'
        ? collector.add(prefix, [])
        : refuseList('malformed', 'a prefix that is not a text')
    if (refusal !== undefined) return refusal
  }
  const collected = collector.finish()
  if ('ok' in collected) return collected
  return {
    ok: true,
    list: { provider: 'CLOUDFLARE', version, serials: [], publishedAtSeconds: undefined, ...collected },
  }
}

/** ips-v4 and ips-v6: one prefix per line, no final newline. https://www.cloudflare.com/ips/ */
export const parseCloudflareTexts = (ipv4Text: string, ipv6Text: string): ListOutcome => {
  const prefixes: string[] = []
  for (const { title, text, isOwn } of [
    { title: 'ips-v4', text: ipv4Text, isOwn: (line: string) => !line.includes(':') },
    { title: 'ips-v6', text: ipv6Text, isOwn: (line: string) => line.includes(':') },
  ]) {
    const foreign = refuseForeignText(text)
    if (foreign !== undefined) return refuseList(foreign.reason, `${title}: ${foreign.detail}`)
    const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
    const stranger = lines.find((line) => !isOwn(line))
    if (stranger !== undefined) return refuseList('not_the_document', `${title}: holds the line ${stranger}`)
    prefixes.push(...lines)
  }
  return listOf(prefixes, undefined)
}

/** The API, GET /client/v4/ips: the same prefixes as JSON. https://developers.cloudflare.com/api/resources/ips/ */
export const parseCloudflareJson = (text: string): ListOutcome => {
  const document = readJsonObject(text)
  if (!document.ok) return document
  const { success, result } = document.record
  if (success !== true) return refuseList('not_the_document', 'an answer that is not a success')
  const ipv4 = isRecord(result) ? result['ipv4_cidrs'] : undefined
  const ipv6 = isRecord(result) ? result['ipv6_cidrs'] : undefined
  const etag = isRecord(result) ? result['etag'] : undefined
  if (!Array.isArray(ipv4) || !Array.isArray(ipv6))
    return refuseList('malformed', 'no ipv4_cidrs and ipv6_cidrs')
  const isUsableVersion = typeof etag === 'string' && /^[\x21-\x7e]{1,64}$/.test(etag)
  return listOf([...ipv4, ...ipv6], isUsableVersion ? etag : undefined)
}
