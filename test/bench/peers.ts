import { Agent, createServer, type RequestListener, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { closeServer } from '../../infra/local/gateway.ts'
import { listen } from '../../infra/local/listen.ts'
import { uncounted } from '../../lib/limits/rate-limiter.ts'
import { newAccessPolicy } from '../../lib/organizations/new-organization.ts'
import { introspectToken } from '../../lib/sessions/oauth/introspect-token.ts'
import { prepareNoRanges } from '../../lib/whitelist/prepared-ranges.ts'
import { container } from './decision.ts'
import type { Row } from './row.ts'
import { cpuInTurns } from './turns.ts'

const callsPerRound = 500
const client = { id: 'bench', secret: 'a secret of the bench' }
const issuer = 'http://localhost'

/** Every peer keeps its data in the memory of this process. */
const loadPeers = () => import(new URL('peers/peers.mjs', import.meta.url).href)

/** POSTs forms to a server of this process. The processor time is of both sides; the bare server shows what HTTP takes of it. */
const served = async (listener: RequestListener) => {
  const server = createServer(listener)
  const port = await listen(server, 0)
  const agent = new Agent({ keepAlive: true })
  const authorization = `Basic ${Buffer.from(`${client.id}:${encodeURIComponent(client.secret)}`).toString('base64')}`
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
  return {
    post: (path: string, form: Readonly<Record<string, string>>): Promise<string> =>
      new Promise((resolve, reject) => {
        const sent = request({ port, agent, path, method: 'POST', headers }, (answer) => {
          if (answer.statusCode === 200) return resolve(text(answer))
          text(answer).then((said) => reject(new Error(said)), reject)
        })
        sent.on('error', reject)
        sent.end(new URLSearchParams(form).toString())
      }),
    close: async (): Promise<void> => {
      agent.destroy()
      await closeServer(server, 0)
    },
  }
}

/** Introspection of its own token by the caller of the bench, without storage. */
const ownIntrospection = () => {
  const { snapshot: found, token } = container(200)
  const { organization } = found
  if (organization === null) throw new Error('the caller has no organization')
  const snapshot = { ...found, policy: newAccessPolicy(organization.organizationId, []) }
  const dependencies = {
    readSnapshot: () => Promise.resolve(snapshot),
    verifySession: () => Promise.resolve({ ok: false, reason: 'session_invalid' } as const),
    findImported: () => Promise.resolve(null),
    prepareRanges: prepareNoRanges,
    prepareRateLimit: () => Promise.resolve(uncounted),
    readClaims: () => Promise.resolve(undefined),
    noteUse: () => Promise.resolve(),
    now: Date.now,
    issuer,
  }
  const form = new URLSearchParams({ token, client_id: snapshot.user?.username ?? '', client_secret: token })
  return async () => {
    const given = { form: form.toString(), authorization: undefined }
    const answer = await introspectToken(dependencies, given, { address: '203.0.19.7', requestId: 'bench' })
    if (!answer.ok || !answer.response.active) throw new Error('the token is not active')
  }
}

/** The product beside others that do the same, in one run and in turns. */
export const peerRows = async (): Promise<Row[]> => {
  const { openBetterAuth, openOidcProvider } = await loadPeers()
  const bare = await served((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end('{"active":true}'))
  })
  const provider = await served(openOidcProvider(issuer, client))
  try {
    const { access_token: token } = JSON.parse(
      await provider.post('/token', { grant_type: 'client_credentials' }),
    )
    const introspect = async () => {
      const { active } = JSON.parse(await provider.post('/token/introspection', { token }))
      if (active !== true) throw new Error('the token is not active')
    }
    const cost = await cpuInTurns(
      {
        decision: container(200).ask,
        betterAuth: await openBetterAuth(),
        introspection: ownIntrospection(),
        oidcProvider: introspect,
        bare: () => bare.post('/', { token }),
      },
      callsPerRound,
    )
    const of = (name: string) => cost.get(name) ?? Number.NaN
    const row = (name: string, value: number, unit: string, limit: number | null = null): Row => ({
      name,
      value,
      unit,
      limit,
    })
    return [
      row('decision', of('decision'), 'µs CPU'),
      row('verifyApiKey of better-auth', of('betterAuth'), 'µs CPU'),
      row('decision / verifyApiKey of better-auth', of('decision') / of('betterAuth'), '×', 0.7),
      row('introspection without HTTP', of('introspection'), 'µs CPU'),
      row('introspection of oidc-provider, without a bare server', of('oidcProvider') - of('bare'), 'µs CPU'),
      row(
        'introspection / that of oidc-provider',
        of('introspection') / (of('oidcProvider') - of('bare')),
        '×',
        0.5,
      ),
      row('a request to a bare server of Node', of('bare'), 'µs CPU'),
      row('decision / a request to a bare server of Node', of('decision') / of('bare'), '×', 1),
    ]
  } finally {
    await bare.close()
    await provider.close()
  }
}
