import type { SessionClaims } from '../session-claims.ts'

/** RFC 7662 section 2.2: unknown, foreign, expired and revoked look the same, and nothing else stands beside it. */
export const inactiveToken = { active: false } as const

export type ActiveSession = Omit<SessionClaims, 'nbf'> & {
  readonly active: true
  readonly token_type: 'Bearer'
  readonly username: string
}

/** For a session that was verified, whose user was looked up, and about which this client may ask. */
export const activeSession = (claims: SessionClaims, username: string): ActiveSession => {
  const { nbf: _, ...told } = claims
  return { active: true, token_type: 'Bearer', username, ...told }
}
