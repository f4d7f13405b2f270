import { httpFunction } from '../lib/http/http-function.ts'
import { rehearseWhitelist, replaceWhitelist, showWhitelist } from '../lib/whitelist/manage-whitelist.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()

export const handler = httpFunction(
  'whitelist',
  {
    getWhitelist: async ({ caller, params }) => ({ body: await showWhitelist(api, caller, params.userId) }),
    replaceWhitelist: async ({ caller, params, query, body, origin }) => {
      const expected = { version: body.version ?? null, ifMatch: null }
      if (query.dryRun) {
        return { body: await rehearseWhitelist(api, caller, params.userId, body.entries, expected, origin) }
      }
      return { body: await replaceWhitelist(api, caller, params.userId, body.entries, expected, origin) }
    },
  },
  api.http,
)
