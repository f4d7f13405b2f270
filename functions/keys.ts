import { changeCredential } from '../lib/credentials/change-credential.ts'
import { credentialBatchEndpoints } from '../lib/credentials/credential-batch-endpoints.ts'
import { credentialEndpoints } from '../lib/credentials/credential-endpoints.ts'
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
import { ownCredentialEndpoints } from '../lib/credentials/own-credential-endpoints.ts'
import {
  createOwnCredential,
  listOwnCredentials,
  rotateOwnCredential,
} from '../lib/credentials/own-credentials.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { mailResetLink } from '../lib/passwords/mail-reset-link.ts'
import { makeResetLink } from '../lib/passwords/make-reset-link.ts'
import { passwordResetEndpoints } from '../lib/passwords/password-reset-endpoints.ts'
import type { UserId } from '../lib/secrets/key-id.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = { ...api, readCredentials: (userId: UserId) => readCredentials(api.table, userId) }
const expiring: ListExpiringDependencies = {
  now: api.now,
  readOrganizationEntries: (organizationId, days) => readOrganizationEntries(api.table, organizationId, days),
  readEnding: (entries) => readEnding(api.table, entries),
}

export const handler = httpFunction(
  'keys',
  [...credentialEndpoints, ...ownCredentialEndpoints, ...credentialBatchEndpoints, ...passwordResetEndpoints],
  {
    listCredentials: async ({ caller, params }) => ({
      body: { credentials: await listCredentials(dependencies, caller, params.userId) },
    }),
    createCredential: async ({ caller, params, body, origin, write, once }) => ({
      body: {
        credential: await once(() =>
          createCredential({ ...dependencies, write }, caller, params.userId, body, origin),
        ),
      },
    }),
    importCredential: async ({ caller, params, body, origin, write, once }) => ({
      body: {
        credential: await once(() =>
          importCredential({ ...dependencies, write }, caller, params.userId, body, origin),
        ),
      },
    }),
    rotateCredential: async ({ caller, params, body, origin, write, once }) => ({
      body: {
        credential: await once(() =>
          rotateCredential({ ...dependencies, write }, caller, params, body, origin),
        ),
      },
    }),
    listExpiringCredentials: async ({ caller, query }) => ({
      body: await listExpiring(expiring, caller.subject.organization.organizationId, query.days),
    }),
    makeResetLink: async ({ caller, params, body, origin, write }) => {
      const given = { ...dependencies, write, issuer: api.sessions.issuer }
      return {
        body:
          body.mailPasswordLink === true
            ? { passwordLink: await mailResetLink(given, caller, params.userId, origin) }
            : await makeResetLink(given, caller, params.userId, origin),
      }
    },
    changeCredential: async ({ caller, params, body, origin, write }) => ({
      body: {
        credential: await changeCredential({ ...dependencies, write }, caller, params, body, origin),
      },
    }),
    listOwnCredentials: async ({ caller }) => ({
      body: { credentials: await listOwnCredentials(dependencies, caller) },
    }),
    createOwnCredential: async ({ caller, body, origin, write, once }) => ({
      body: {
        credential: await once(() => createOwnCredential({ ...dependencies, write }, caller, body, origin)),
      },
    }),
    rotateOwnCredential: async ({ caller, params, body, origin, write, once }) => ({
      body: {
        credential: await once(() =>
          rotateOwnCredential({ ...dependencies, write }, caller, params.keyId, body, origin),
        ),
      },
    }),
    deleteOwnCredential: async ({ caller, params, origin, write }) => {
      const { keyId } = params
      await deleteCredential(
        { ...dependencies, write },
        caller,
        { userId: caller.subject.userId, keyId },
        origin,
      )
      return {}
    },
    deleteCredential: async ({ caller, params, origin, write }) => {
      await deleteCredential({ ...dependencies, write }, caller, params, origin)
      return {}
    },
  },
  api.http,
)
