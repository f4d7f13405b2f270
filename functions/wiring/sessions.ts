import { randomBytes } from 'node:crypto'
import { KMSClient } from '@aws-sdk/client-kms'
import type { KmsSigner } from '../../lib/sessions/kms-signer.ts'
import { kmsSigner } from '../../lib/sessions/kms-signer.ts'
import type { IssuedSession, SessionRequest } from '../../lib/sessions/log-in.ts'
import type { SessionClaims } from '../../lib/sessions/session-claims.ts'
import { sessionVerdictReader } from '../../lib/sessions/session-verdict.ts'
import type { SessionGrant } from '../../lib/sessions/sign-session.ts'
import { signSession } from '../../lib/sessions/sign-session.ts'
import { sessionVerifier } from '../../lib/sessions/verify-session.ts'
import { required } from './environment.ts'

/** The deployment is the issuer of its session tokens. */
export const openSessions = () => {
  const issuer = required('ISSUER')
  const [first, ...others] = required('SIGNING_KEY_ID').split(',')
  if (first === undefined) throw new Error('SIGNING_KEY_ID names no key')
  const signer: KmsSigner = kmsSigner({
    client: new KMSClient({ maxAttempts: 2 }),
    kmsKeyIds: [first, ...others],
  })
  const surroundings = { issuer, now: Date.now }
  return {
    issuer,
    signer,
    verifySession: sessionVerdictReader({ ...surroundings, publicKeys: signer.publicKeys }),
    readClaims: async (text: string): Promise<SessionClaims | undefined> => {
      const verified = sessionVerifier({ ...surroundings, keys: await signer.publicKeys() })(text)
      return verified.ok ? verified.claims : undefined
    },
    issueGrant: async (grant: SessionGrant): Promise<string> =>
      (await signSession(grant, { ...surroundings, signer, randomBytes })).text,
    issueSession: async (request: SessionRequest): Promise<IssuedSession> => {
      const signed = await signSession({ ...request, actor: null }, { ...surroundings, signer, randomBytes })
      return { text: signed.text, sessionId: signed.claims.jti }
    },
  }
}
