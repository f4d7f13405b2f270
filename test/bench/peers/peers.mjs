import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import Provider from 'oidc-provider'

/** A key of better-auth with one permission, its store in memory and its limiter off, and the call that verifies it. */
export const openBetterAuth = async () => {
  const database = { user: [], session: [], account: [], verification: [], apikey: [] }
  const auth = betterAuth({
    baseURL: 'http://localhost',
    secret: 'a secret of the bench, which is long enough',
    database: memoryAdapter(database),
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  })
  const { user } = await auth.api.signUpEmail({
    body: { name: 'bench', email: 'bench@postern.example', password: 'a bench passphrase' },
  })
  const permissions = { orders: ['read'] }
  const { key } = await auth.api.createApiKey({ body: { userId: user.id, name: 'bench', permissions } })
  return async () => {
    const { valid } = await auth.api.verifyApiKey({ body: { key, permissions } })
    if (!valid) throw new Error('better-auth refused its key')
  }
}

/** The handler of an OpenID provider with one client and the default store in memory. */
export const openOidcProvider = (issuer, client) => {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
    },
  })
  return provider.callback()
}
