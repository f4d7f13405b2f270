import type { AdmitDependencies } from '../../admission/admit.ts'
import { recognize } from '../../admission/admit.ts'
import { readAuthorization } from '../../admission/presented.ts'
import type { Origin } from '../../contract/operation.ts'
import type { CredentialDependencies } from '../../credentials/manage-credentials.ts'
import { deleteCredential } from '../../credentials/manage-credentials.ts'
import { DomainError } from '../../effects/domain-error.ts'
import { admittedSnapshot } from '../../identity/caller-snapshot.ts'
import { logOut } from '../log-out.ts'
import { admitClient } from './client.ts'
import type { OAuthRequest } from './form.ts'
import { invalidClient, type OAuthError } from './oauth-error.ts'
import { parseTokenReference } from './parse-token-reference.ts'

/**
 * Revocation (RFC 7009) of the client's own tokens: a session ends, an opaque token is deleted. An impersonation session was issued to
 * its actor (section 2.1). Any other token gets the same response and stays valid, so that nothing is disclosed about it; an invalid
 * token is not an error (section 2.2).
 *
 * @returns the refusal, or null
 */
export const revokeToken = async (
  dependencies: AdmitDependencies & CredentialDependencies,
  given: OAuthRequest,
  origin: Origin,
): Promise<OAuthError | null> => {
  const parsed = parseTokenReference(given)
  if (!parsed.ok) return parsed.refusal
  const client = await admitClient(dependencies, parsed.reference.client, origin)
  if (client === null) return invalidClient
  const { identified, snapshot: read } = await recognize(
    dependencies,
    readAuthorization(`Bearer ${parsed.reference.token}`),
  )
  const snapshot = admittedSnapshot(read)
  if (!identified.ok || snapshot === undefined) return null
  const { subject } = identified
  const holder = subject.actor?.userId ?? subject.userId
  if (holder !== client.subject.userId) return null
  const { sessionId, keyId } = subject.provenBy
  if (sessionId !== null) await logOut(dependencies, { ...client, subject, snapshot }, origin)
  else if (keyId !== null)
    await revokeCredential(dependencies, client, { userId: subject.userId, keyId }, origin)
  return null
}

/** A concurrent deletion is not an error (section 2.2). */
const revokeCredential = async (...given: Parameters<typeof deleteCredential>): Promise<void> => {
  try {
    await deleteCredential(...given)
  } catch (error) {
    const isGone = error instanceof DomainError && error.code === 'not_found'
    if (!isGone) throw error
  }
}
