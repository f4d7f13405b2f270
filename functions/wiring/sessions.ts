import { randomBytes } from 'node:crypto'
import { KMSClient } from '@aws-sdk/client-kms'
import type { PrepareRateLimit } from '../../lib/limits/rate-limiter.ts'
import type { KmsSigner } from '../../lib/sessions/kms-signer.ts'
import { kmsRetries, kmsSigner } from '../../lib/sessions/kms-signer.ts'
import type { IssuedSession, SessionRequest } from '../../lib/sessions/log-in.ts'
import { sessionAllowance } from '../../lib/sessions/session-allowance.ts'
import type { SessionClaims } from '../../lib/sessions/session-claims.ts'
import { sessionVerdictReader } from '../../lib/sessions/session-verdict.ts'
import type { SessionGrant, SessionSigner } from '../../lib/sessions/sign-session.ts'
import { signSession } from '../../lib/sessions/sign-session.ts'
import { sessionVerifier } from '../../lib/sessions/verify-session.ts'
import { required, wholeNumber } from './environment.ts'

/** The deployment is the issuer of its session tokens. */
export const openSessions = () => {
  const issuer = required('ISSUER')
  const [first, ...others] = required('SIGNING_KEY_ID').split(',')
  if (first === undefined) throw new Error('SIGNING_KEY_ID names no key')
  const signer: KmsSigner = kmsSigner({
    client: new KMSClient(kmsRetries),
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
  }
}

/** Signs session tokens, within the allowance of whoever gets them. */
export const openSigning = (
  { issuer, signer }: { readonly issuer: string; readonly signer: SessionSigner },
  prepareRateLimit: PrepareRateLimit,
) => {
  const spendSession = sessionAllowance({
    prepareRateLimit,
    now: Date.now,
    perOrganization: wholeNumber('SESSION_TOKENS_PER_MINUTE', 'session tokens'),
  })
  const sign = (grant: SessionGrant) => signSession(grant, { issuer, signer, now: Date.now, randomBytes })
  const issueProven = async (request: SessionRequest): Promise<IssuedSession> => {
    const { text, claims } = await sign({ ...request, actor: null })
    return { text, sessionId: claims.jti }
  }
  return {
    spendSession,
    /** For a login: the allowance was spent when its password was proven. */
    issueProven,
    issueSession: async (request: SessionRequest): Promise<IssuedSession> => {
      await spendSession(request)
      return await issueProven(request)
    },
    issueGrant: async (grant: SessionGrant): Promise<string> => {
      const { organizationId, userId, actor } = grant
      await spendSession({ userId: actor?.userId ?? userId, organizationId })
      return (await sign(grant)).text
    },
  }
}
