import { formatEntry, parseEntry, type WhitelistEntry } from './entry.ts'

/** Every decision reads the whole whitelist and tries every entry, so it must stay small. */
export const whitelistEntryLimit = 200

type EntryRefusal = { readonly index: number; readonly message: string }

export type ParsedEntries =
  | { readonly ok: true; readonly entries: readonly WhitelistEntry[]; readonly texts: readonly string[] }
  | { readonly ok: false; readonly refusals: readonly EntryRefusal[] }

/**
 * Parses a whole whitelist. `texts` are the canonical forms for storage, in the given order, without duplicates. `refusals` has the
 * index of each invalid entry. A list with too many entries has one refusal, at the index of the first entry above the limit.
 */
export const parseEntries = (given: readonly string[]): ParsedEntries => {
  if (given.length > whitelistEntryLimit) {
    const message = `A whitelist has at most ${whitelistEntryLimit} entries. Combine addresses into ranges.`
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
