import type { AdmitDependencies } from '../../access/admit.ts'
import { recognize } from '../../access/admit.ts'
import type { CredentialDependencies } from '../../credentials/manage-credentials.ts'
import { deleteCredential } from '../../credentials/manage-credentials.ts'
import { readAuthorization } from '../../credentials/presented.ts'
import type { Origin } from '../../http/operation.ts'
import { logOut } from '../log-out.ts'
import { admitClient } from './client.ts'
import type { OAuthRequest } from './form.ts'
import { invalidClient, type OAuthError, oauthError } from './oauth-error.ts'
import { parseTokenReference } from './parse-token-reference.ts'

const notYours = oauthError('unauthorized_client', 'the token belongs to another user')

/**
 * Revocation (RFC 7009) of the client's own tokens: a session ends, an opaque token is deleted. A token that is dead or never was is no
 * error (section 2.2).
 *
 * @returns what to refuse, or null when the token is dead now
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
  const { identified, snapshot } = await recognize(
    dependencies,
    readAuthorization(`Bearer ${parsed.reference.token}`),
  )
  if (!identified.ok || snapshot === null) return null
  const { subject } = identified
  if (subject.userId !== client.subject.userId) return notYours
  const { sessionId, keyId } = subject.provenBy
  if (sessionId !== null) await logOut(dependencies, { subject, snapshot, aid: client.aid }, origin)
  else if (keyId !== null)
    await deleteCredential(dependencies, client, { userId: subject.userId, keyId }, origin)
  return null
}
