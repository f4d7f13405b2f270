import { type ListRefusal, refuseList } from './published-list.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Error pages can have status 200: HTML, XML with a byte order mark and empty bodies were seen. */
export const refuseForeignText = (text: string): ListRefusal | undefined => {
  const start = text.slice(0, 200).trimStart()
  if (start === '') return refuseList('empty', 'an empty body')
  if (start.startsWith('<'))
    return refuseList('not_the_document', `a page instead of the list: ${start.slice(0, 80)}`)
  return undefined
}

/** One JSON object, or a refusal. A truncated document does not parse. */
export const readJsonObject = (
  text: string,
): { readonly ok: true; readonly record: JsonRecord } | ListRefusal => {
  const foreign = refuseForeignText(text)
  if (foreign !== undefined) return foreign
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? { ok: true, record: value } : refuseList('malformed', 'not a JSON object')
  } catch {
    const end = text.trimEnd().at(-1)
    return end === '}'
      ? refuseList('malformed', 'not JSON')
      : refuseList('truncated', `JSON that ends after ${text.length} characters`)
  }
}
