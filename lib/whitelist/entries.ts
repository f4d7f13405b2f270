import { formatEntry, parseEntry, type WhitelistEntry } from './entry.ts'

/** A user's whole collection is read for a decision, and every entry is tried: both must stay small. */
export const whitelistEntryLimit = 200

type EntryRefusal = { readonly index: number; readonly message: string }

export type ParsedEntries =
  | { readonly ok: true; readonly entries: readonly WhitelistEntry[]; readonly texts: readonly string[] }
  | { readonly ok: false; readonly refusals: readonly EntryRefusal[] }

/**
 * Reads a whole list. `texts` are the canonical forms for storage, duplicates collapsed, in the order given. Every entry at
 * fault is named by its index. More than `whitelistEntryLimit` texts are refused as a whole, under the index of the first too many.
 */
export const parseEntries = (given: readonly string[]): ParsedEntries => {
  if (given.length > whitelistEntryLimit) {
    const message = `A whitelist has at most ${whitelistEntryLimit} entries. Combine addresses to ranges.`
    return { ok: false, refusals: [{ index: whitelistEntryLimit, message }] }
  }
  const refusals: EntryRefusal[] = []
  const byText = new Map<string, WhitelistEntry>()
  for (const [index, text] of given.entries()) {
    const parsed = parseEntry(text)
    if (!parsed.ok) {
      refusals.push({ index, message: parsed.message })
      continue
    }
    const canonical = formatEntry(parsed.entry)
    if (!byText.has(canonical)) byText.set(canonical, parsed.entry)
  }
  if (refusals.length > 0) return { ok: false, refusals }
  return { ok: true, entries: [...byText.values()], texts: [...byText.keys()] }
}
