/** Forbidden in XML 1.0, even as a reference (https://www.w3.org/TR/xml/#charsets). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is replaced.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** An XML parser turns a bare carriage return into a line feed (section 2.11), and `]]>` must not stand in text (section 2.4). */
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }

const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(forbidden, '\ufffd')
    .replace(/[&<>\r]/g, (character) => escapes[character] ?? '')

const contentOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, field]) => elements(name, field))
        .join('')
    : escaped(String(value ?? ''))

const elements = (name: string, value: unknown): string =>
  (Array.isArray(value) ? value : [value]).map((item) => `<${name}>${contentOf(item)}</${name}>`).join('')

/**
 * A JSON value as an XML 1.0 document: one element for each field and each list item. Text survives a round trip, except for
 * characters that XML forbids: each becomes U+FFFD.
 *
 * @param value its field names become element names, so they must never come from a caller.
 */
export const xmlDocument = (root: string, value: unknown): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${elements(root, value)}`
