/**
 * Characters. A session token takes about 900 with a 2048-bit key, 1300 with a 4096-bit one. Longer text is refused before anything
 * looks at it.
 */
export const maximumSessionTextLength = 4096

/** The one header that we sign, in JWS compact form: fixed members, fixed order, no blanks. */
export const encodedHeader = (keyId: string): string =>
  Buffer.from(JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: keyId })).toString('base64url')

/**
 * The bytes of a base64url text, if this is its one canonical spelling: no padding, no `+/`, no blanks, no stray bits in the last
 * character (RFC 4648 section 3.5). Node's decoder accepts all of these, so that many texts would be one token.
 */
export const decodeCanonical = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** Is it worth a look as a session token, rather than as an opaque token? `eyJ` is how `{"` begins in base64url. */
export const looksLikeSession = (text: string): boolean =>
  text.startsWith('eyJ') && text.split('.', 4).length === 3
