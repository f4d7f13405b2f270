/** First strong isolate and its end (UAX #9): the direction of what is between them changes nothing around it. */
const [open, close] = ['\u2068', '\u2069']
const anyMark = /[\u2068\u2069]/

/** A text that has marks is a sentence, whose names are isolated already. */
const isolated = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(isolated)
  const isName = typeof value === 'string' && value !== '' && !anyMark.test(value)
  return isName ? `${open}${value}${close}` : value
}

/** The same texts, of which each isolates all names that it is given. */
export const isolatingNames = <T>(texts: T): T => {
  // What comes out has the type of what went in.
  const same = (value: unknown) => value as T
  if (typeof texts === 'function') return same((...given: unknown[]) => texts(...given.map(isolated)))
  if (Array.isArray(texts)) return same(texts.map(isolatingNames))
  if (typeof texts !== 'object' || texts === null) return texts
  return same(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, isolatingNames(text)])))
}

/** A text in parts: each second one is a name. */
export const nameParts = (text: string): readonly string[] => text.split(anyMark)

/** For what is read out, typed or compared. */
export const withoutMarks = (text: string): string => nameParts(text).join('')
