import { readApi } from '../lib/apis/api-store.ts'
import { explain } from '../lib/explain/explain.ts'
import { explainEndpoints } from '../lib/explain/explain-endpoints.ts'
import { listDecisions } from '../lib/explain/list-decisions.ts'
import { showDecision } from '../lib/explain/show-decision.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { canonicalLogin } from '../lib/identity/login-name.ts'
import { readUserIdByUsername } from '../lib/identity/user-store.ts'
import { readDecision, readDecisions } from '../lib/refusals/kept-decision-store.ts'
import type { ApiId, OrganizationId } from '../lib/secrets/key-id.ts'
import type { Key } from '../lib/table/keys.ts'
import { readTimeline } from '../lib/table/read-timeline.ts'
import type { ReadTimeline } from '../lib/table/timeline.ts'
import { openApi } from './wiring/api.ts'
import { openSeal } from './wiring/seal.ts'

const api = openApi()
const dependencies = {
  ...api.callers,
  // With the schemas of all endpoints: loaded for a question about Postern's own API only.
  ownEndpointAt: async (method: string, path: string) => {
    const { ownEndpointAt } = await import('../lib/reference/own-endpoint.ts')
    return ownEndpointAt(method, path)
  },
  readMember: api.readMember,
  readApi: (apiId: ApiId) => readApi(api.table, apiId),
  readUserIdByUsername: async (username: string) => {
    const canonical = canonicalLogin(username)
    return canonical === undefined ? undefined : await readUserIdByUsername(api.table, canonical)
  },
  readDecision: (organizationId: OrganizationId, requestId: string) =>
    readDecision(api.table, organizationId, requestId),
  readDecisions: (keys: readonly Key[]) => readDecisions(api.table, keys),
  readTimeline: (...part: Parameters<ReadTimeline>) => readTimeline(api.table, ...part),
}

export const handler = httpFunction(
  'explain',
  explainEndpoints,
  {
    explainAccess: async ({ caller, body }) => ({
      body: await explain(dependencies, caller, body),
    }),
    listDecisions: async ({ caller, query }) => ({ body: await listDecisions(dependencies, caller, query) }),
    getDecision: async ({ caller, params }) => ({
      body: await showDecision(dependencies, caller, params.requestId),
    }),
  },
  { ...api.http, seal: openSeal() },
)
