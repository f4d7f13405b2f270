import { changePassword } from '../lib/credentials/change-password.ts'
import { readPasswordHash } from '../lib/credentials/credential-store.ts'
import { passwordHasher } from '../lib/credentials/password-hasher.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { openApi } from './wiring/api.ts'
import { openThrottles } from './wiring/throttles.ts'

const api = openApi()
const dependencies = {
  ...api,
  ...openThrottles(api.table),
  hasher: passwordHasher(),
  readPasswordHash: (userId: string) => readPasswordHash(api.table, userId),
}

export const handler = httpFunction(
  'change-password',
  {
    changeOwnPassword: async ({ caller, body, origin, write }) => {
      await changePassword({ ...dependencies, write }, caller, body, origin)
      return {}
    },
  },
  api.http,
)
