import { hash } from 'node:crypto'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'

/** Scheme and authority, and what follows. */
const webUri = /^(https?:\/\/[^/?#]*)(.*)$/i

/**
 * `https://API.example:443/` and `https://api.example` are one place (RFC 3986 sections 6.2.2.1 and 6.2.3); clients that parse URLs send
 * the host in lower case, without the port that its scheme has anyway, and an origin with a slash behind it. A path is compared as it is.
 */
export const canonicalAudience = (audience: string): string => {
  const [, authority, rest = ''] = webUri.exec(audience) ?? []
  if (authority === undefined) return audience
  const origin = authority.toLowerCase().replace(/^(http:.*):80$|^(https:.*):443$/, '$1$2')
  return origin + (rest === '/' ? '' : rest)
}

/** Hashed: the text is a URI of any length and characters. */
export const audienceClaimKey = (audience: string): Key =>
  keys.audienceClaim(hash('sha256', canonicalAudience(audience), 'hex'))
