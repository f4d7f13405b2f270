import { apiEndpoints } from '../lib/apis/api-endpoints.ts'
import { readApi, readGateway } from '../lib/apis/api-store.ts'
import type { ApiDependencies } from '../lib/apis/edit-api.ts'
import { bindGateway, releaseGateway } from '../lib/apis/gateway-bindings.ts'
import { apiIdNamed, changeApi, createApi, deleteApi, listApis, showApi } from '../lib/apis/manage-apis.ts'
import { importSections } from '../lib/apis/sections/import-sections.ts'
import { createSection, deleteSection, replaceSection } from '../lib/apis/sections/manage-sections.ts'
import { sectionEndpoints } from '../lib/apis/sections/section-endpoints.ts'
import { listApiSections, listSections, showSection } from '../lib/apis/sections/show-sections.ts'
import { endShare, handOverApi, shareApi } from '../lib/apis/share-api.ts'
import { shareEndpoints } from '../lib/apis/share-endpoints.ts'
import type { Caller } from '../lib/contract/operation.ts'
import { readDirectoryNow } from '../lib/guests/recent-memberships-store.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { readInstallation } from '../lib/identity/installation-store.ts'
import { readAccessPolicy } from '../lib/policy/access-policy-store.ts'
import type { ApiId } from '../lib/secrets/key-id.ts'
import { isApiId } from '../lib/secrets/key-id.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies: Omit<ApiDependencies, 'write'> = {
  ...api,
  issuer: api.sessions.issuer,
  readAccessPolicy: (organizationId) => readAccessPolicy(api.table, organizationId),
  readApi: (apiId) => readApi(api.table, apiId),
  readGateway: (gatewayId) => readGateway(api.table, gatewayId),
  readFirstOrganization: () => readInstallation(api.table),
  readDirectory: (organizationId) => readDirectoryNow(api.table, organizationId, Date.now()),
}

/** An API is named by its name or its id. */
const named = (caller: Caller, name: string): ApiId => apiIdNamed(name, caller.snapshot.policy)
/** Gateways are bound to the APIs of others, too, which only their ids name. */
const namedAnywhere = (caller: Caller, name: string): ApiId => (isApiId(name) ? name : named(caller, name))

export const handler = httpFunction(
  'apis',
  [...apiEndpoints, ...shareEndpoints, ...sectionEndpoints],
  {
    listApis: async ({ caller }) => {
      const { policy } = caller.snapshot
      const { organizationId } = policy
      return { body: { apis: await listApis(dependencies, organizationId, policy.apis) } }
    },
    getApi: async ({ caller, params }) => ({
      body: { api: await showApi(dependencies, caller, params.api) },
    }),
    createApi: async ({ caller, body, origin, write, once }) => {
      const made = await once(() => createApi({ ...dependencies, write }, caller, body, origin))
      return { body: { api: made }, headers: { location: `/v1/apis/${made.apiId}` } }
    },
    changeApi: async ({ caller, params, body, origin, write }) => ({
      body: {
        api: await changeApi({ ...dependencies, write }, caller, named(caller, params.api), body, origin),
      },
    }),
    deleteApi: async ({ caller, params, origin, write }) => {
      await deleteApi({ ...dependencies, write }, caller, named(caller, params.api), origin)
      return {}
    },
    bindGateway: async ({ caller, params, body, origin, write, once }) => ({
      body: {
        gateway: await once(() =>
          bindGateway({ ...dependencies, write }, caller, namedAnywhere(caller, params.api), body, origin),
        ),
      },
    }),
    releaseGateway: async ({ caller, params, origin, write }) => {
      const { bindingId } = params
      await releaseGateway(
        { ...dependencies, write },
        caller,
        { apiId: named(caller, params.api), bindingId },
        origin,
      )
      return {}
    },
    shareApi: async ({ caller, params, body, origin, write }) => {
      const { organizationId } = params
      const target = { apiId: named(caller, params.api), organizationId }
      return { body: { share: await shareApi({ ...dependencies, write }, caller, target, body, origin) } }
    },
    endShare: async ({ caller, params, origin, write }) => {
      const { organizationId } = params
      await endShare(
        { ...dependencies, write },
        caller,
        { apiId: named(caller, params.api), organizationId },
        origin,
      )
      return {}
    },
    handOverApi: async ({ caller, params, body, origin, write }) => {
      const { organizationId } = body
      await handOverApi(
        { ...dependencies, write },
        caller,
        { apiId: named(caller, params.api), organizationId },
        origin,
      )
      return {}
    },

    listSections: async ({ caller }) => {
      // With the schemas of all endpoints.
      const { managementSectionViews: ownSections } = await import('../lib/reference/management-sections.ts')
      return { body: { sections: await listSections({ ...dependencies, ownSections }, caller) } }
    },
    listApiSections: async ({ caller, params }) => ({
      body: { sections: await listApiSections(dependencies, caller, named(caller, params.api)) },
    }),
    getSection: async ({ caller, params }) => ({
      body: {
        section: await showSection(dependencies, caller, {
          apiId: named(caller, params.api),
          name: params.name,
        }),
      },
    }),
    createSection: async ({ caller, params, body, origin, write, once }) => ({
      body: {
        section: await once(() =>
          createSection({ ...dependencies, write }, caller, named(caller, params.api), body, origin),
        ),
      },
    }),
    replaceSection: async ({ caller, params, body, origin, write }) => {
      const target = { apiId: named(caller, params.api), name: params.name }
      return {
        body: { section: await replaceSection({ ...dependencies, write }, caller, target, body, origin) },
      }
    },
    deleteSection: async ({ caller, params, origin, write }) => {
      const target = { apiId: named(caller, params.api), name: params.name }
      await deleteSection({ ...dependencies, write }, caller, target, origin)
      return {}
    },
    importSections: async ({ caller, params, body, origin, write, once }) => ({
      body: await once(() =>
        importSections({ ...dependencies, write }, caller, named(caller, params.api), body, origin),
      ),
    }),
  },
  api.http,
)
