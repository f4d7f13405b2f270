/** An element with its children, or with its text. */
export type Element = { readonly name: string; readonly children: readonly Element[]; readonly text: string }

/** XML 1.0 section 2.2: what a document may hold at all. */
const legal = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const declaration = '<?xml version="1.0" encoding="UTF-8"?>'
const token = /<(\/?)([A-Za-z][A-Za-z0-9]*)(\s*\/)?>|([^<]+)/gy
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Reads documents of elements and text as XML 1.0 says, and throws at anything else: no attributes, comments, CDATA or DTD here, and
 * nothing is forgiven. Independent of the library that writes.
 */
export const readXml = (document: string): Element => {
  if (!document.startsWith(declaration)) throw new Error('no XML declaration')
  if (!legal.test(document)) throw new Error('a character that XML forbids')
  // Section 2.11: line ends are read as one line feed.
  const source = document.slice(declaration.length).replaceAll(/\r\n?/g, '\n')
  const open: { name: string; children: Element[]; text: string }[] = [{ name: '', children: [], text: '' }]
  let position = 0
  while (position < source.length) {
    token.lastIndex = position
    const found = token.exec(source)
    const top = open.at(-1)
    if (found === null || top === undefined) throw new Error(`not well-formed at ${position}`)
    position = token.lastIndex
    const [, closing, name, isEmpty, text] = found
    if (text !== undefined) top.text += unescaped(text)
    else if (name !== undefined && closing === '/') {
      const parent = open.at(-2)
      if (top.name !== name || parent === undefined) throw new Error(`</${name}> closes ${top.name}`)
      if (top.children.length > 0 && top.text !== '') throw new Error(`${name} mixes text and elements`)
      parent.children.push(top)
      open.pop()
    } else if (name !== undefined) {
      if (isEmpty === undefined) open.push({ name, children: [], text: '' })
      else top.children.push({ name, children: [], text: '' })
    }
  }
  const [root, ...unclosed] = open
  const [element, ...more] = root?.children ?? []
  if (element === undefined || unclosed.length > 0 || more.length > 0 || root?.text !== '')
    throw new Error('not one root element')
  return element
}

const unescaped = (text: string): string => {
  if (text.includes(']]>')) throw new Error(']]> in text')
  return text.replaceAll(/&([^;]*);?/g, (whole, name: string) => {
    const number = /^#x([0-9A-Fa-f]+)$/.exec(name)?.[1]
    const read = number === undefined ? entities[name] : String.fromCodePoint(Number.parseInt(number, 16))
    if (read === undefined || !whole.endsWith(';')) throw new Error(`a bare ampersand: ${whole}`)
    return read
  })
}

/** What a reader makes of elements: texts by name; names that come again make a list. */
export const asValue = ({ children, text }: Element): unknown => {
  if (children.length === 0) return text
  const byName = Map.groupBy(children, ({ name }) => name)
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, all.length === 1 && all[0] ? asValue(all[0]) : all.map(asValue)]),
  )
}
