import { hash } from 'node:crypto'
import type { Key } from '../table/keys.ts'
import { keys } from '../table/keys.ts'

/** An origin, with the slash that every URL parser puts behind it. */
const bareOrigin = /^(https?:\/\/[^/?#]+)\/$/i

/** `https://api.example/` and `https://api.example` are one place (RFC 3986 section 6.2.3); clients that parse URLs send the first. */
export const canonicalAudience = (audience: string): string => bareOrigin.exec(audience)?.[1] ?? audience

/** Hashed: the text is a URI of any length and characters. */
export const audienceClaimKey = (audience: string): Key =>
  keys.audienceClaim(hash('sha256', canonicalAudience(audience), 'hex'))
