import { httpFunction } from '../lib/http/http-function.ts'
import { canonicalLogin } from '../lib/users/canonical.ts'
import { readUserIdByUsername } from '../lib/users/user-store.ts'
import { checkWhitelist } from '../lib/whitelist/manage-whitelist.ts'
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
  {
    checkWhitelist: async ({ caller, body }) => ({ body: await checkWhitelist(dependencies, caller, body) }),
  },
  api.http,
)
