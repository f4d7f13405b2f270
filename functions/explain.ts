import { readApi } from '../lib/apis/api-store.ts'
import { explain } from '../lib/explain/explain.ts'
import { readDecision } from '../lib/explain/kept-decision-store.ts'
import { showDecision } from '../lib/explain/show-decision.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { canonicalLogin } from '../lib/users/canonical.ts'
import { readUserIdByUsername } from '../lib/users/user-store.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = {
  ...api.callers,
  readMember: api.readMember,
  readApi: (apiId: string) => readApi(api.table, apiId),
  readUserIdByUsername: async (username: string) => {
    const canonical = canonicalLogin(username)
    return canonical === undefined ? undefined : await readUserIdByUsername(api.table, canonical)
  },
  readDecision: (organizationId: string, requestId: string) =>
    readDecision(api.table, organizationId, requestId),
}

export const handler = httpFunction(
  'explain',
  {
    explainAccess: async ({ caller, body }) => ({
      body: await explain(dependencies, caller, body),
    }),
    getDecision: async ({ caller, params }) => ({
      body: await showDecision(dependencies, caller, params.requestId),
    }),
  },
  api.http,
)
