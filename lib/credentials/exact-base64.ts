/**
 * The bytes of base64 or base64url text, padded or not, when it is the one spelling of them: a second spelling would be a second text
 * for the same thing.
 */
export const readBase64 = (text: string, alphabet: 'base64' | 'base64url'): Buffer | undefined => {
  const unpadded = text.replace(/=+$/, '')
  const bytes = Buffer.from(unpadded, alphabet)
  const padded = unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, '=')
  const isExact = withoutPadding(bytes.toString(alphabet)) === unpadded
  return isExact && (text === unpadded || text === padded) ? bytes : undefined
}

const withoutPadding = (text: string): string => text.replace(/=+$/, '')
