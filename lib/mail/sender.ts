// biome-ignore lint/suspicious/noControlCharactersInRegex: a line break in a header would begin another header.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
/** Printable ASCII but for the at sign, which careless readers of the header take for the address. */
const plainName = /^[\x20-\x3f\x41-\x7e]*$/
const specialInQuotes = /["\\]/g

/** RFC 2047 section 2: an encoded word has at most 75 characters; 45 bytes make 60 of base64. */
const bytesInEncodedWord = 45

/** The bare address of `Name <address>` or `address`. */
export const addressOf = (sender: string): string => /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender.trim()

/** The name of `Name <address>` or `"Name" <address>`; '' without one. */
export const nameOf = (sender: string): string => {
  const name = /^(.*)<[^<>]+>\s*$/.exec(sender)?.[1]?.trim() ?? ''
  const quoted = /^"(.*)"$/.exec(name)?.[1]
  return quoted === undefined ? name : quoted.replace(/\\(.)/g, '$1')
}

/**
 * A From header's value. SES passes the display name on as it is given, so other names than plain ones must come as encoded words
 * (RFC 2047), and nothing in it may end the name or the header early.
 */
export const mailboxText = (displayName: string, address: string): string => {
  const name = displayName.replace(controlCharacters, ' ').trim()
  if (name === '') return address
  const phrase = plainName.test(name) ? `"${name.replace(specialInQuotes, '\\$&')}"` : encodedWords(name)
  return `${phrase} <${address}>`
}

/** Whole characters only: each word must decode on its own (RFC 2047 section 5). */
const encodedWords = (name: string): string => {
  const chunks: string[] = []
  let chunk = ''
  for (const character of name.toWellFormed()) {
    if (Buffer.byteLength(chunk + character) > bytesInEncodedWord) {
      chunks.push(chunk)
      chunk = ''
    }
    chunk += character
  }
  chunks.push(chunk)
  return chunks.map((text) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`).join(' ')
}
