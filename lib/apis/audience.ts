import { hash } from 'node:crypto'
import * as z from '../effects/shape.ts'
import { ApiId } from '../secrets/key-id.ts'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'
import { itemShape } from '../table/stored-item.ts'

/** Group 1: scheme and authority; group 2: the rest. */
const webUri = /^(https?:\/\/[^/?#]*)(.*)$/i

/**
 * `https://API.example:443/` and `https://api.example` are equivalent (RFC 3986 sections 6.2.2.1 and 6.2.3): clients that parse URLs send
 * the host in lower case, drop the scheme's default port, and append a slash to an origin. Paths are compared verbatim.
 */
export const canonicalAudience = (audience: string): string => {
  const [, authority, rest = ''] = webUri.exec(audience) ?? []
  if (authority === undefined) return audience
  const origin = authority.toLowerCase().replace(/^(http:.*):80$|^(https:.*):443$/, '$1$2')
  return origin + (rest === '/' ? '' : rest)
}

/** `AUDIENCE#<hash>` / `CLAIM`: the API of an audience, or the last one until the tokens for it have expired. */
export const StoredAudienceClaim = z.object({
  ...itemShape('audienceClaim'),
  apiId: ApiId,
  /** When any API may take the audience; absent while an API has it. */
  freeAtSeconds: z.optional(z.int()),
  expiresAtSeconds: z.optional(z.int()),
})

/** The audience is hashed because it can have any length and any characters. */
export const audienceClaimKey = (audience: string): Key =>
  keys.audienceClaim(hash('sha256', canonicalAudience(audience), 'hex'))
