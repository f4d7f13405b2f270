import { httpFunction } from '../lib/http/http-function.ts'
import { readCallImpact } from '../lib/sightings/read-call-impact.ts'
import { replaceWhitelist, showWhitelist, whitelistView } from '../lib/users/manage-whitelist.ts'
import { whitelistEndpoints } from '../lib/users/whitelist-endpoints.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()

export const handler = httpFunction(
  'whitelist',
  whitelistEndpoints,
  {
    getWhitelist: async ({ caller, params }) => ({ body: await showWhitelist(api, caller, params.userId) }),
    replaceWhitelist: async ({ caller, params, body, origin, write, dryRun }) => {
      const expected = { version: body.version ?? null, ifMatch: null }
      const member = await replaceWhitelist(
        { ...api, write },
        caller,
        params.userId,
        body.entries,
        expected,
        origin,
      )
      return {
        body: await whitelistView(api, member),
        impact: dryRun ? await readCallImpact(api, caller, member) : undefined,
      }
    },
  },
  api.http,
)
