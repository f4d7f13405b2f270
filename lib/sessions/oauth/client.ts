import type { AdmitDependencies } from '../../access/admit.ts'
import { admitPresented } from '../../access/admit.ts'
import { readPair } from '../../credentials/presented.ts'
import type { Caller, Origin } from '../../http/operation.ts'
import type { ClientCredentials } from './client-authentication.ts'

/**
 * The caller behind a client id and secret, or null. Beside key id and secret, a username with a token is taken. Its user must be
 * allowed to call from where it calls.
 */
export const admitClient = async (
  dependencies: AdmitDependencies,
  client: ClientCredentials,
  { address, requestId }: Origin,
): Promise<Caller | null> => {
  const presented = readPair(client.clientId, client.clientSecret)
  const asked = { method: 'POST', path: '/oauth/token', aid: null, needs: 'identity' } as const
  const request = { ...asked, address, requestId }
  const { decision, snapshot } = await admitPresented(dependencies, presented, request)
  if (!decision.allow || snapshot === null) return null
  return { subject: decision.subject, snapshot, aid: decision.aid }
}
