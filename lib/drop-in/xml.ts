import XmlBuilder from 'fast-xml-builder'

const builder = new XmlBuilder({ ignoreAttributes: true, processEntities: true })

/** Forbidden in XML 1.0, even as a reference (https://www.w3.org/TR/xml/#charsets). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is replaced.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/**
 * A JSON value as an XML 1.0 document: one element for each field and each list item. Text survives a round trip, except for
 * characters that XML forbids: each becomes U+FFFD.
 *
 * @param value its field names become element names, so they must never come from a caller.
 */
export const xmlDocument = (root: string, value: unknown): string => {
  const elements = builder.build({ [root]: value })
  // An XML parser turns a bare carriage return into a line feed (section 2.11). The markup itself has none.
  const content = elements.toWellFormed().replace(forbidden, '\ufffd').replaceAll('\r', '&#xD;')
  return `<?xml version="1.0" encoding="UTF-8"?>${content}`
}
