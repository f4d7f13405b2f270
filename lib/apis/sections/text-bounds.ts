/**
 * Removes these characters from the end. `/\/+$/` restarts at every slash of a run and takes quadratic time, and a run in an imported
 * document can be megabytes long.
 */
export const withoutEnd = (text: string, characters: string): string => {
  let end = text.length
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

/** Removes these characters from both ends. */
export const withoutEnds = (text: string, characters: string): string => {
  const kept = withoutEnd(text, characters)
  let start = 0
  while (start < kept.length && characters.includes(kept.charAt(start))) start += 1
  return kept.slice(start)
}

const longestQuote = 200

/** Shortens a text of the document for an error message. */
export const quoted = (text: string): string =>
  text.length <= longestQuote ? text : `${text.slice(0, longestQuote).toWellFormed()}…`

/** Caches the result per value: references and aliases can point thousands of operations at one large list. */
export const once = <Given, Read extends object | string>(
  read: (given: Given) => Read,
): ((given: Given) => Read) => {
  const known = new Map<Given, Read>()
  return (given) => {
    const before = known.get(given)
    if (before !== undefined) return before
    const value = read(given)
    known.set(given, value)
    return value
  }
}
