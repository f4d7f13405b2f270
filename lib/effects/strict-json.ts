export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly path: string; readonly message: string }

const maximumDepth = 32

/**
 * JSON.parse that rejects duplicate names (parsers disagree on which value wins, RFC 8259 section 4), the name `__proto__` and
 * nesting deeper than 32 levels.
 */
export const parseStrictJson = (text: string): StrictJson => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, path: '', message: 'is not valid JSON' }
  }
  const fault = faultIn(text)
  return fault === undefined ? { ok: true, value } : { ok: false, ...fault }
}

type Container = { readonly names: Set<string> | null; name: string; index: number }

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gy
const blank = /\s*/y

/** Expects text that JSON.parse accepts, so it does not check the grammar. */
const faultIn = (text: string): { path: string; message: string } | undefined => {
  const stack: Container[] = []
  const path = () =>
    stack.map((container) => (container.names ? container.name : String(container.index))).join('.')
  let expectsName = false
  let position = 0
  while (position < text.length) {
    blank.lastIndex = position
    blank.test(text)
    position = blank.lastIndex
    token.lastIndex = position
    const found = token.exec(text)?.[0]
    if (found === undefined) return undefined
    position += found.length
    const top = stack.at(-1)
    if (found === '{' || found === '[') {
      if (stack.length === maximumDepth)
        return { path: path(), message: `is nested deeper than ${maximumDepth} levels` }
      stack.push({ names: found === '{' ? new Set() : null, name: '', index: 0 })
      expectsName = found === '{'
    } else if (found === '}' || found === ']') {
      stack.pop()
      expectsName = false
    } else if (found === ',') {
      if (top !== undefined) top.index += 1
      expectsName = top?.names !== null
    } else if (expectsName && top?.names) {
      top.name = JSON.parse(found)
      if (top.name === '__proto__') return { path: path(), message: 'is not allowed as a name' }
      if (top.names.has(top.name)) return { path: path(), message: 'is given twice' }
      top.names.add(top.name)
      expectsName = false
    }
  }
  return undefined
}
