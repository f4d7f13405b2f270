import { changeCredentialStatus } from '../lib/credentials/credential-status.ts'
import { readCredentials } from '../lib/credentials/credential-store.ts'
import { readEnding, readOrganizationEntries } from '../lib/credentials/expiry/expiry-store.ts'
import type { ListExpiringDependencies } from '../lib/credentials/expiry/list-expiring.ts'
import { listExpiring } from '../lib/credentials/expiry/list-expiring.ts'
import {
  createCredential,
  deleteCredential,
  importCredential,
  listCredentials,
  rotateCredential,
} from '../lib/credentials/manage-credentials.ts'
import {
  createOwnCredential,
  listOwnCredentials,
  rotateOwnCredential,
} from '../lib/credentials/own-credentials.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { makeResetLink } from '../lib/password-reset/make-reset-link.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = { ...api, readCredentials: (userId: string) => readCredentials(api.table, userId) }
const expiring: ListExpiringDependencies = {
  now: api.now,
  readOrganizationEntries: (organizationId, days) => readOrganizationEntries(api.table, organizationId, days),
  readEnding: (entries) => readEnding(api.table, entries),
}

export const handler = httpFunction(
  'keys',
  {
    listCredentials: async ({ caller, params }) => ({
      body: { credentials: await listCredentials(dependencies, caller, params.userId) },
    }),
    createCredential: async ({ caller, params, body, origin }) => ({
      body: { credential: await createCredential(dependencies, caller, params.userId, body, origin) },
    }),
    importCredential: async ({ caller, params, body, origin }) => ({
      body: { credential: await importCredential(dependencies, caller, params.userId, body, origin) },
    }),
    rotateCredential: async ({ caller, params, body, origin }) => ({
      body: { credential: await rotateCredential(dependencies, caller, params, body, origin) },
    }),
    listExpiringCredentials: async ({ caller, query }) => ({
      body: await listExpiring(expiring, caller.subject.organization.organizationId, query.days),
    }),
    makeResetLink: async ({ caller, params, origin }) => ({
      body: await makeResetLink(
        { ...dependencies, issuer: api.sessions.issuer },
        caller,
        params.userId,
        origin,
      ),
    }),
    changeCredential: async ({ caller, params, body, origin }) => ({
      body: {
        credential: await changeCredentialStatus(dependencies, caller, params, body.status, origin),
      },
    }),
    listOwnCredentials: async ({ caller }) => ({
      body: { credentials: await listOwnCredentials(dependencies, caller) },
    }),
    createOwnCredential: async ({ caller, body, origin }) => ({
      body: { credential: await createOwnCredential(dependencies, caller, body, origin) },
    }),
    rotateOwnCredential: async ({ caller, params, body, origin }) => ({
      body: { credential: await rotateOwnCredential(dependencies, caller, params.keyId, body, origin) },
    }),
    deleteOwnCredential: async ({ caller, params, origin }) => {
      const { keyId } = params
      await deleteCredential(dependencies, caller, { userId: caller.subject.userId, keyId }, origin)
      return {}
    },
    deleteCredential: async ({ caller, params, origin }) => {
      await deleteCredential(dependencies, caller, params, origin)
      return {}
    },
  },
  api.http,
)
