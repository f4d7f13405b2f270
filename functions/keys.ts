import { readCredentials } from '../lib/credentials/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  listCredentials,
  rotateCredential,
} from '../lib/credentials/manage-credentials.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { openApi } from './api.ts'

const api = openApi()
const dependencies = { ...api, readCredentials: (userId: string) => readCredentials(api.table, userId) }

export const handler = httpFunction(
  'keys',
  {
    listCredentials: async ({ caller, params }) => ({
      body: { credentials: await listCredentials(dependencies, caller, params.userId) },
    }),
    createCredential: async ({ caller, params, body, origin }) => ({
      body: { credential: await createCredential(dependencies, caller, params.userId, body, origin) },
    }),
    rotateCredential: async ({ caller, params, body, origin }) => ({
      body: { credential: await rotateCredential(dependencies, caller, params, body, origin) },
    }),
    deleteCredential: async ({ caller, params, origin }) => {
      await deleteCredential(dependencies, caller, params, origin)
      return {}
    },
  },
  api.http,
)
