import { randomBytes } from 'node:crypto'
import { noteUse } from '../../../lib/credentials/credential-store.ts'
import { readUserIdByUsername } from '../../../lib/identity/user-store.ts'
import { makeRateLimiter } from '../../../lib/limits/rate-limiter.ts'
import { exchangeToken } from '../../../lib/sessions/oauth/exchange-token.ts'
import { introspectToken } from '../../../lib/sessions/oauth/introspect-token.ts'
import { issueToken } from '../../../lib/sessions/oauth/issue-token.ts'
import {
  accessTokenType,
  parseTokenRequest,
  tokenExchangeGrant,
} from '../../../lib/sessions/oauth/parse-token-request.ts'
import { revokeToken } from '../../../lib/sessions/oauth/revoke-token.ts'
import { reuseSessions } from '../../../lib/sessions/oauth/session-reuse.ts'
import { sessionVerdictReader } from '../../../lib/sessions/session-verdict.ts'
import type { SessionGrant } from '../../../lib/sessions/sign-session.ts'
import { signSession } from '../../../lib/sessions/sign-session.ts'
import { sessionVerifier } from '../../../lib/sessions/verify-session.ts'
import type { Write, WriteTransaction } from '../../../lib/table/transaction.ts'
import { membershipScene } from '../../guests/membership-scene.ts'
import { countersOn } from '../../limits/stored-rate-counters.ts'
import type { makeCaller } from '../../organizations/organization.ts'
import { admissionOn, notesOn } from '../../refusals/refusal-notes.ts'
import { newTestKey, signerWith } from '../crafted-token.ts'
import { basic, request } from './oauth-request.ts'

export type Holder = Pick<Awaited<ReturnType<typeof makeCaller>>, 'token'> & {
  readonly user: { readonly username: string }
}

export const origin = { address: '203.0.113.44', requestId: 'oauth-request' }

/** The OAuth endpoints over a real table, with a home organization, a host, and sessions signed by the test's key. */
export const oauthScene = async () => {
  const scene = await membershipScene()
  const { table } = scene
  const startedAt = Date.now()
  const key = newTestKey()
  const surroundings = { issuer: scene.dependencies.issuer, now: Date.now }
  const grants: SessionGrant[] = []
  const sign = async (grant: SessionGrant) => {
    grants.push(grant)
    return await signSession(grant, { ...surroundings, signer: signerWith(key), randomBytes })
  }
  const keys = [key]
  const verify = sessionVerifier({ ...surroundings, keys })
  const notes = notesOn(table)
  const dependencies = {
    ...scene.dependencies,
    ...admissionOn(table, notes.onDenied),
    noteUse: (...used: Parameters<typeof noteUse> extends [unknown, ...infer Rest] ? Rest : never) =>
      noteUse(table, ...used),
    prepareRateLimit: makeRateLimiter({
      ...countersOn(table),
      behind: () => undefined,
      random: () => 0,
      // One instant: no minute ends between the requests that a test counts.
      now: () => startedAt,
      onFault: (fault) => {
        throw fault
      },
    }),
    verifySession: sessionVerdictReader({ ...surroundings, publicKeys: () => Promise.resolve(keys) }),
    readClaims: (text: string) => {
      const verified = verify(text)
      return Promise.resolve(verified.ok ? verified.claims : undefined)
    },
    issueGrant: async (grant: SessionGrant) => (await sign(grant)).text,
    sessionReuse: reuseSessions({
      issueSession: async (grant) => {
        const { text, claims } = await sign({ ...grant, actor: null })
        return { text, sessionId: claims.jti }
      },
      now: Date.now,
    }),
    readUserIdByUsername: (username: string) => readUserIdByUsername(table, username),
    onRefused: notes.onRefusedOperation,
  }
  const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString()
  const as = ({ user, token }: Holder) => ({ authorization: basic(user.username, token) })

  return {
    ...scene,
    dependencies,
    /** The signed grants, in order. */
    grants,
    /** A `write` dependency that adds a failing condition to every transaction. */
    failing: (writes: readonly Write[]) =>
      scene.dependencies.write([...writes, { label: 'nothing', check: { pk: 'NOTHING', sk: 'NOTHING' } }]),
    sign,
    issue: (client: Holder, fields = {}, write: WriteTransaction = dependencies.write) =>
      issueToken(
        { ...dependencies, write },
        request(form({ grant_type: 'client_credentials', ...fields }), as(client)),
        origin,
      ),
    exchange: async (
      fields: Readonly<Record<string, string>>,
      write: WriteTransaction = dependencies.write,
    ) => {
      const types = { grant_type: tokenExchangeGrant, subject_token_type: accessTokenType }
      const actorType = 'actor_token' in fields ? { actor_token_type: accessTokenType } : {}
      const parsed = parseTokenRequest(request(form({ ...types, ...actorType, ...fields })))
      if (!parsed.ok || parsed.request.grant !== 'token_exchange') throw new Error('not a token exchange')
      return await exchangeToken({ ...dependencies, write }, parsed.request, origin)
    },
    introspect: (client: Holder, token: string) =>
      introspectToken(dependencies, request(form({ token }), as(client)), origin),
    revoke: (client: Holder, token: string, write: WriteTransaction = dependencies.write) =>
      revokeToken({ ...dependencies, write }, request(form({ token }), as(client)), origin),
  }
}

export type OAuthScene = Awaited<ReturnType<typeof oauthScene>>

/** The token in a successful answer. */
export const tokenIn = (issued: Awaited<ReturnType<OAuthScene['issue']>>): string => {
  if (!issued.ok) throw new Error(`no token: ${issued.refusal.error}`)
  return issued.response.access_token
}
