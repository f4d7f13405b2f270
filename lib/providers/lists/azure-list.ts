import { isRecord, readJsonObject } from './json-document.ts'
import { collectPrefixes } from './prefix-collector.ts'
import { type ListOutcome, type ListRefusal, refuseList } from './published-list.ts'

/** `20251103` → seconds of that day's start, UTC; undefined if invalid. */
const secondsOfDay = (digits: string): number | undefined => {
  const milliseconds = Date.parse(
    `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}T00:00:00Z`,
  )
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}

const readTag = (tag: unknown): { name: string; prefixes: readonly unknown[] } | ListRefusal => {
  const name = isRecord(tag) ? tag['name'] : undefined
  const properties = isRecord(tag) ? tag['properties'] : undefined
  const prefixes = isRecord(properties) ? properties['addressPrefixes'] : undefined
  if (typeof name !== 'string' || !Array.isArray(prefixes)) {
    return refuseList('malformed', 'a tag without name and addressPrefixes')
  }
  return { name, prefixes }
}

/**
 * ServiceTags_Public_YYYYMMDD.json of Azure. Names: the tags as written there, `AzureFrontDoor`, `Storage.WestEurope`,
 * `AzureCloud.westeurope`. The whole is the union of all tags: some, such as AzureFrontDoor, are partly outside of
 * AzureCloud. https://learn.microsoft.com/azure/virtual-network/service-tags-overview
 *
 * @param fileName contains the publication date, which the document lacks
 */
export const parseAzureList = (text: string, fileName: string): ListOutcome => {
  const document = readJsonObject(text)
  if (!document.ok) return document
  const { changeNumber, cloud, values } = document.record
  const hasSerial = typeof changeNumber === 'number' && Number.isSafeInteger(changeNumber) && changeNumber > 0
  if (!hasSerial) return refuseList('malformed', 'changeNumber is not a positive whole number')
  if (cloud !== 'Public') return refuseList('not_the_document', 'not the list of the public cloud')
  if (!Array.isArray(values)) return refuseList('malformed', 'no list of tags')
  const collector = collectPrefixes()
  for (const value of values) {
    const tag = readTag(value)
    if ('ok' in tag) return tag
    const names = [tag.name]
    for (const prefix of tag.prefixes) {
      const refusal =
        typeof prefix === 'string'
          ? collector.add(prefix, names)
          : refuseList('malformed', `a prefix that is not a text in ${tag.name}`)
      if (refusal !== undefined) return refusal
    }
  }
  const collected = collector.finish()
  if ('ok' in collected) return collected
  const day = /_(\d{8})\.json$/.exec(fileName)?.[1]
  return {
    ok: true,
    list: {
      provider: 'AZURE',
      version: day === undefined ? String(changeNumber) : `${changeNumber} of ${day}`,
      serials: [changeNumber],
      publishedAtSeconds: day === undefined ? undefined : secondsOfDay(day),
      ...collected,
    },
  }
}
