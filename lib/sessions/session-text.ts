/** Characters. A session token has about 900 with a 2048-bit key and 1300 with a 4096-bit key. Longer text is refused before parsing. */
export const maximumSessionTextLength = 4096

/** The only header that we sign, in JWS compact form: fixed members, fixed order, no whitespace. */
export const encodedHeader = (keyId: string): string =>
  Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: keyId })).toString('base64url')

/**
 * Decodes base64url in canonical form only: no padding, no `+/`, no whitespace, no stray bits in the last character (RFC 4648 section
 * 3.5). Node's decoder accepts all of these, which would give a token many spellings.
 */
export const decodeCanonical = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** Whether a text has the form of a session token. `eyJ` is `{"` in base64url. */
export const looksLikeSession = (text: string): boolean =>
  text.startsWith('eyJ') && text.split('.', 4).length === 3
