import { problems } from '../lib/contract/problem.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { endpoints } from '../lib/reference/endpoints.ts'
import { metaEndpoints } from '../lib/reference/meta-endpoints.ts'
import { buildOpenApi } from '../lib/reference/openapi/openapi.ts'
import { referencePage, referencePolicy } from '../lib/reference/page/reference-page.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'

const origin = required('ISSUER')

/** Created on first use, so that a health check after a cold start does not wait for them. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
const document = once(() => buildOpenApi({ endpoints, problems, origin }))
const page = once(() => referencePage(document()))

/** Also answers requests that match no route (`$default`) with 404 or 405. */
export const handler = httpFunction(
  'meta',
  metaEndpoints,
  {
    getHealth: () => ({ body: { status: 'ok' as const } }),
    getOpenApi: () => ({ body: document() }),
    showStart: () => ({ headers: { location: '/docs' } }),
    showReference: () => ({ html: page(), headers: { 'content-security-policy': referencePolicy } }),
  },
  { log, now: Date.now, everyEndpoint: endpoints },
)
