import { credentialEndpoints } from '../lib/credentials/credential-endpoints.ts'
import { readPasswordHash } from '../lib/credentials/credential-store.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { changePassword } from '../lib/passwords/change-password.ts'
import type { UserId } from '../lib/secrets/key-id.ts'
import { passwordHasher } from '../lib/secrets/password-hasher.ts'
import { openApi } from './wiring/api.ts'
import { openThrottles } from './wiring/throttles.ts'

const api = openApi()
const dependencies = {
  ...api,
  ...openThrottles(api.table),
  hasher: passwordHasher(),
  readPasswordHash: (userId: UserId) => readPasswordHash(api.table, userId),
}

export const handler = httpFunction(
  'change-password',
  credentialEndpoints,
  {
    changeOwnPassword: async ({ caller, body, origin, write }) => {
      await changePassword({ ...dependencies, write }, caller, body, origin)
      return {}
    },
  },
  api.http,
)
