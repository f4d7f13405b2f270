import type { Endpoint } from '../../contract/endpoint.ts'
import type { PermissionNeeded, Security, SecurityScheme } from './document.ts'

export const securitySchemes = (origin: string): Readonly<Record<string, SecurityScheme>> => ({
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A session token (an RS256 JWT, from `POST /v1/auth/login` or `POST /oauth/token`) or a token (`pst_…`, or an imported one).',
  },
  basic: {
    type: 'http',
    scheme: 'basic',
    description:
      'A key as keyId:secret (an imported one as clientId:secret), or a token as username:token. Never a username with its password.',
  },
  token: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The bare token, without a scheme: `Authorization: pst_…`; an imported one likewise.',
  },
  console: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-postern',
    description:
      "The cookie of a session of the console, from `POST /v1/console/session`. Only requests of the console's own pages are taken: `Origin` must be the deployment's own. Over http, on a laptop, the name is `postern`.",
  },
  oauth2: {
    type: 'oauth2',
    description: 'A key as client_id and client_secret gets a session token. There are no scopes.',
    flows: { clientCredentials: { tokenUrl: `${origin}/oauth/token`, scopes: {} } },
  },
})

/** The client authenticates with its key pair, in the header or the form. */
const authenticatesClient = ({ errorStyle }: Endpoint): boolean => errorStyle === 'oauth'

export const securityOf = (endpoint: Endpoint): Security => {
  if (authenticatesClient(endpoint)) return [{ basic: [] }, {}]
  if (endpoint.cookie === 'needs') return [{ console: [] }]
  if (endpoint.access === 'public') return []
  return [{ bearer: [] }, { basic: [] }, { token: [] }, { oauth2: [] }]
}

export const permissionOf = ({ access }: Endpoint): PermissionNeeded => {
  if (access === 'public') return 'none'
  return access
}

export const permissionText = (endpoint: Endpoint): string => {
  const permission = permissionOf(endpoint)
  if (authenticatesClient(endpoint)) {
    return 'Needs a key, as client_id and client_secret, by Basic or in the body.'
  }
  if (endpoint.cookie === 'needs') return 'Needs the cookie of a session of the console.'
  if (permission === 'none') return 'Needs no credential.'
  if (permission === 'self') return 'Needs a live credential, and no permission.'
  return `Needs \`${permission.level}\` on the section \`${permission.section}\`.`
}
