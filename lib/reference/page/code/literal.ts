/** How a language writes what JSON writes. JSON's escapes of text are those of JavaScript and Python, too. */
export type Notation = {
  readonly key: (name: string) => string
  readonly word: (value: boolean | null) => string
  /** Between a brace and its content on one line. */
  readonly padding: string
  /** Characters of one level of indentation. */
  readonly tab: number
}

const longestLine = 60

/** @param level of indentation of the line on which the value begins */
export const literal = (value: unknown, level: number, notation: Notation): string => {
  if (typeof value === 'boolean' || value === null) return notation.word(value)
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value))
    return wrapped(
      '[',
      value.map((child) => literal(child, level + 1, notation)),
      ']',
      level,
      notation.tab,
    )
  const fields = Object.entries(value).map(
    ([name, child]) => `${notation.key(name)}: ${literal(child, level + 1, notation)}`,
  )
  const { padding, tab } = notation
  return wrapped(`{${padding}`, fields, `${padding}}`, level, tab)
}

const wrapped = (
  open: string,
  parts: readonly string[],
  close: string,
  level: number,
  tab: number,
): string => {
  if (parts.length === 0) return open.trim() + close.trim()
  const short = `${open}${parts.join(', ')}${close}`
  if (short.length <= longestLine && !short.includes('\n')) return short
  const line = `\n${' '.repeat((level + 1) * tab)}`
  return `${open.trim()}${line}${parts.join(`,${line}`)},\n${' '.repeat(level * tab)}${close.trim()}`
}
