import type { Endpoint } from '../../contract/endpoint.ts'
import { ProblemShape } from '../../contract/problem-shape.ts'
import { domainErrorCodes } from '../../effects/domain-error.ts'
import type { OpenApiDocument, PathItem } from './document.ts'
import { errorGuide } from './error-guide.ts'
import { headerComponents } from './headers.ts'
import { operationOf } from './operation.ts'
import type { ProblemTable } from './problem.ts'
import { problemExamples } from './problem.ts'
import { collectComponents } from './schema.ts'
import { securitySchemes } from './security.ts'

/** In display order. */
const tagDescriptions: Readonly<Record<string, string>> = {
  users: 'API users: create, find, change, disable, delete.',
  credentials: 'Keys, tokens and the own password.',
  'second-factors': 'Authenticator apps, passkeys and recovery codes.',
  auth: 'Logging in and out, and the OAuth 2 endpoints.',
  whitelist: 'The addresses that a user may call from.',
  'password reset': 'A forgotten password, by mail.',
  access: 'Roles, account groups, integration vendors: what may be granted, and why a request passes or not.',
  apis: 'Protected APIs: their sections, the gateways that serve them, and the organizations they are shared with.',
  organization: 'The organization and its settings.',
  audit: 'What was done and what was refused.',
  console: 'The pages for people, which call this API, and their sessions.',
  'drop-in': 'The calls of other products, answered in their own words.',
  meta: 'Health and this description.',
}

const introduction = `Creates API users, hands out their credentials, and limits each to the addresses and endpoints that it needs.

Bodies are JSON in UTF-8 and strict: an unknown field, a wrong type or a name given twice is a 400 that names each field. Answers may gain fields. Times are UTC. Lists page with \`limit\` and an opaque \`cursor\`. Refusals are \`application/problem+json\` (RFC 9457) with a \`code\` from a closed list. What API Gateway refuses by itself is \`{"message"}\`: headers beyond 10,240 bytes (431), a body beyond what it takes (413), more requests than the whole deployment allows (429), a function that fails or does not answer in time (500, 503).`

/** The version in package.json, which a function's bundle does not contain. A test compares the two. */
const version = '0.1.0'

export type OpenApiSources = {
  readonly endpoints: readonly Endpoint[]
  readonly problems: ProblemTable
  /** The base URL of this deployment, without a trailing slash. */
  readonly origin: string
}

/** The whole contract as an OpenAPI 3.1 document. Throws if two different parts share a name. */
export const buildOpenApi = ({ endpoints, problems, origin }: OpenApiSources): OpenApiDocument => {
  const components = collectComponents()
  components.convert(ProblemShape, 'output')
  const paths: Record<string, PathItem> = {}
  for (const endpoint of endpoints) {
    const operation = operationOf(endpoint, components, problems)
    const path = documentedPath(endpoint)
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Postern',
      summary: 'API users, credentials, IP whitelists and one authorizer',
      description: introduction,
      version,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: origin, description: 'This deployment' }],
    tags: tagsOf(endpoints),
    paths,
    components: {
      schemas: sorted(components.schemas),
      responses: sorted(components.responses),
      parameters: sorted(components.parameters),
      headers: headerComponents,
      examples: problemExamples(problems),
      securitySchemes: securitySchemes(origin),
    },
    'x-postern-errors': domainErrorCodes
      .map((code) => ({ code, ...problems[code], ...errorGuide[code] }))
      .toSorted((a, b) => a.status - b.status),
  }
}

/** OpenAPI has no parameter of several segments. */
export const documentedPath = ({ path }: Pick<Endpoint, 'path'>): string => path.replace(/\+\}$/, '}')

const tagsOf = (endpoints: readonly Endpoint[]): OpenApiDocument['tags'] => {
  const order = Object.keys(tagDescriptions)
  const used = new Set(endpoints.map(({ tag }) => tag))
  const rank = (tag: string) => (order.includes(tag) ? order.indexOf(tag) : order.length)
  return [...used]
    .toSorted((a, b) => rank(a) - rank(b))
    .map((name) => ({ name, description: tagDescriptions[name] ?? '' }))
}

const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)))
