/**
 * Decodes base64 or base64url, padded or not. Undefined if the text is not the canonical encoding of its bytes, so that no two texts
 * stand for the same bytes.
 */
export const readBase64 = (text: string, alphabet: 'base64' | 'base64url'): Buffer | undefined => {
  const unpadded = withoutPadding(text)
  const bytes = Buffer.from(unpadded, alphabet)
  const padded = unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, '=')
  const isExact = withoutPadding(bytes.toString(alphabet)) === unpadded
  return isExact && (text === unpadded || text === padded) ? bytes : undefined
}

/** Padding has at most two characters (RFC 4648 section 4). An unbounded pattern would take quadratic time on long texts (CWE-1333). */
const withoutPadding = (text: string): string => text.replace(/={1,2}$/, '')
