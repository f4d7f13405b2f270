import { parseEntry } from '../../../lib/whitelist/entry.ts'

type Fault = { readonly text: string; readonly message: string }

/** The entries of a text with one in each line or between commas, and those that the API would refuse by their form. */
export const readEntries = (
  text: string,
): { readonly entries: readonly string[]; readonly faults: readonly Fault[] } => {
  const entries = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const faults = entries.flatMap((entry): Fault[] => {
    const parsed = parseEntry(entry)
    return parsed.ok ? [] : [{ text: entry, message: parsed.message }]
  })
  return { entries, faults }
}
