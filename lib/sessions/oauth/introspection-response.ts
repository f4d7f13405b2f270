import type { SessionClaims } from '../session-claims.ts'

/** RFC 7662 section 2.2: the same response, without other members, for unknown, foreign, expired and revoked tokens. */
export const inactiveToken = { active: false } as const

export type ActiveSession = Omit<SessionClaims, 'nbf'> & {
  readonly active: true
  readonly token_type: 'Bearer'
  readonly username: string
}

/** For a verified session that this client may introspect. */
export const activeSession = (claims: SessionClaims, username: string): ActiveSession => {
  const { nbf: _, ...told } = claims
  return { active: true, token_type: 'Bearer', username, ...told }
}
