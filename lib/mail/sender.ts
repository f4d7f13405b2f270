/** A line break in a header starts another header. */
const controlCharacters = /[\p{Cc}\u2028\u2029]+/gu
/** Printable ASCII without `@`, which some parsers take for the address. */
const plainName = /^[\x20-\x3f\x41-\x7e]*$/
const specialInQuotes = /["\\]/g

/** RFC 2047 section 2: an encoded word has at most 75 characters; 45 bytes are 60 characters of base64. */
const bytesInEncodedWord = 45

/** The bare address of `Name <address>` or `address`. */
export const addressOf = (sender: string): string => /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender.trim()

/** The name of `Name <address>` or `"Name" <address>`; '' if there is none. */
export const nameOf = (sender: string): string => {
  const name = /^(.*)<[^<>]+>\s*$/.exec(sender)?.[1]?.trim() ?? ''
  const quoted = /^"(.*)"$/.exec(name)?.[1]
  return quoted === undefined ? name : quoted.replace(/\\(.)/g, '$1')
}

/**
 * The value of a From header. SES does not encode the display name, so this encodes other than plain names (RFC 2047) and removes
 * characters that would end the name or the header.
 */
export const mailboxText = (displayName: string, address: string): string => {
  const name = displayName.replace(controlCharacters, ' ').trim()
  if (name === '') return address
  const phrase = plainName.test(name) ? `"${name.replace(specialInQuotes, '\\$&')}"` : encodedWords(name)
  return `${phrase} <${address}>`
}

/** Splits between characters, because each word must decode on its own (RFC 2047 section 5). */
const encodedWords = (name: string): string => {
  const chunks: string[] = []
  let chunk = ''
  for (const character of name) {
    if (Buffer.byteLength(chunk + character) > bytesInEncodedWord) {
      chunks.push(chunk)
      chunk = ''
    }
    chunk += character
  }
  chunks.push(chunk)
  return chunks.map((text) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`).join(' ')
}
