/**
 * The bytes of base64 or base64url text, padded or not, when it is the one spelling of them: a second spelling would be a second text
 * for the same thing.
 */
export const readBase64 = (text: string, alphabet: 'base64' | 'base64url'): Buffer | undefined => {
  const unpadded = withoutPadding(text)
  const bytes = Buffer.from(unpadded, alphabet)
  const padded = unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, '=')
  const isExact = withoutPadding(bytes.toString(alphabet)) === unpadded
  return isExact && (text === unpadded || text === padded) ? bytes : undefined
}

/** Padding is two characters at most (RFC 4648 section 4). A pattern for any number takes the square of a long text's length (CWE-1333). */
const withoutPadding = (text: string): string => text.replace(/={1,2}$/, '')
