import { httpFunction } from '../lib/http/http-function.ts'
import { passwordLink } from '../lib/mail/password-link.ts'
import { argon2Hasher } from '../lib/secrets/argon2.ts'
import { createUser } from '../lib/users/create-user.ts'
import { userBatchEndpoints } from '../lib/users/user-batch-endpoints.ts'
import { userEndpoints } from '../lib/users/user-endpoints.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = { ...api, hasher: argon2Hasher(), passwordLink }

export const handler = httpFunction(
  'create-user',
  [...userEndpoints, ...userBatchEndpoints],
  {
    createUser: async ({ caller, body, origin, write, once }) => {
      const created = await once(() => createUser({ ...dependencies, write }, caller, body, origin))
      return {
        body: created,
        headers: { location: `/v1/users/${created.user.userId}`, etag: `"${created.user.version}"` },
      }
    },
  },
  api.http,
)
