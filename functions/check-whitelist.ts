import { httpFunction } from '../lib/http/http-function.ts'
import { canonicalLogin } from '../lib/identity/login-name.ts'
import { readUserIdByUsername } from '../lib/identity/user-store.ts'
import { checkWhitelist } from '../lib/users/manage-whitelist.ts'
import { whitelistEndpoints } from '../lib/users/whitelist-endpoints.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = {
  ...api,
  readUserIdByUsername: async (username: string) => {
    const canonical = canonicalLogin(username)
    return canonical === undefined ? undefined : await readUserIdByUsername(api.table, canonical)
  },
}

export const handler = httpFunction(
  'check-whitelist',
  whitelistEndpoints,
  {
    checkWhitelist: async ({ caller, body }) => ({ body: await checkWhitelist(dependencies, caller, body) }),
  },
  api.http,
)
