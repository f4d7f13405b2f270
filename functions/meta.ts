import { problems } from '../lib/contract/problem.ts'
import { namesType } from '../lib/http/event.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { endpoints } from '../lib/reference/endpoints.ts'
import { metaEndpoints } from '../lib/reference/meta-endpoints.ts'
import type { OpenApiDocument } from '../lib/reference/openapi/document.ts'
import { buildOpenApi } from '../lib/reference/openapi/openapi.ts'
import { required } from './wiring/environment.ts'
import { log } from './wiring/log.ts'

const origin = required('ISSUER')

let made: OpenApiDocument | undefined

/** Created on first use, so that a health check after a cold start does not wait for it. */
const document = (): OpenApiDocument => {
  made ??= buildOpenApi({ endpoints, problems, origin })
  return made
}

/** Also answers requests that match no route (`$default`) with 404 or 405. */
export const handler = httpFunction(
  'meta',
  metaEndpoints,
  {
    getHealth: () => ({ body: { status: 'ok' as const } }),
    getOpenApi: () => ({ body: document() }),
    showStart: ({ headers }) => ({
      headers: { location: namesType(headers.accept, 'text/html') ? '/console' : '/docs', vary: 'Accept' },
    }),
  },
  { log, now: Date.now, everyEndpoint: endpoints },
)
