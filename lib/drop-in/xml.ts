import XmlBuilder from 'fast-xml-builder'

const builder = new XmlBuilder({ ignoreAttributes: true, processEntities: true })

/** What no XML 1.0 document may hold, not even as a reference (https://www.w3.org/TR/xml/#charsets). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is replaced.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/**
 * A value of JSON as an XML 1.0 document: an element for each field, one for each item of a list. Any text is well-formed and comes
 * back as it was, but for characters that XML cannot hold: each becomes U+FFFD.
 *
 * @param value its field names become element names, so they must be ours, never a caller's.
 */
export const xmlDocument = (root: string, value: unknown): string => {
  const elements = builder.build({ [root]: value })
  // A reader turns a bare carriage return into a line feed (section 2.11). None of our own is in the text around.
  const content = elements.toWellFormed().replace(forbidden, '\ufffd').replaceAll('\r', '&#xD;')
  return `<?xml version="1.0" encoding="UTF-8"?>${content}`
}
