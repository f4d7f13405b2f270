import { readAccessPolicy } from '../lib/access-policy/access-policy-store.ts'
import { readApi, readGateway } from '../lib/apis/api-store.ts'
import type { ApiDependencies } from '../lib/apis/edit-api.ts'
import { bindGateway, releaseGateway } from '../lib/apis/gateway-bindings.ts'
import {
  apiIdNamed,
  changeApi,
  createApi,
  deleteApi,
  listApis,
  organizationOf,
  showApi,
} from '../lib/apis/manage-apis.ts'
import { endShare, handOverApi, shareApi } from '../lib/apis/share-api.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import type { Caller } from '../lib/http/operation.ts'
import { readInstallation } from '../lib/organizations/installation-store.ts'
import { importSections } from '../lib/sections/import-sections.ts'
import { createSection, deleteSection, replaceSection } from '../lib/sections/manage-sections.ts'
import { listApiSections, listSections, showSection } from '../lib/sections/show-sections.ts'
import { readPlacesNow } from '../lib/users/recent-places-store.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies: ApiDependencies = {
  ...api,
  issuer: api.sessions.issuer,
  readAccessPolicy: (organizationId) => readAccessPolicy(api.table, organizationId),
  readApi: (apiId) => readApi(api.table, apiId),
  readGateway: (gatewayId) => readGateway(api.table, gatewayId),
  readFirstOrganization: () => readInstallation(api.table),
  readPlaces: (organizationId) => readPlacesNow(api.table, organizationId, Date.now()),
}

/** An API is named by its name or its id. */
const named = (caller: Caller, name: string): string => apiIdNamed(name, organizationOf(caller).policy)
/** Gateways are bound to the APIs of others, too, which only their ids name. */
const namedAnywhere = (caller: Caller, name: string): string =>
  name.startsWith('api_') ? name : named(caller, name)

export const handler = httpFunction(
  'apis',
  {
    listApis: async ({ caller }) => {
      const { policy, organizationId } = organizationOf(caller)
      return { body: { apis: await listApis(dependencies, organizationId, policy.apis) } }
    },
    getApi: async ({ caller, params }) => ({
      body: { api: await showApi(dependencies, caller, params.api) },
    }),
    createApi: async ({ caller, body, origin }) => {
      const made = await createApi(dependencies, caller, body, origin)
      return { body: { api: made }, headers: { location: `/v1/apis/${made.apiId}` } }
    },
    changeApi: async ({ caller, params, body, origin }) => ({
      body: { api: await changeApi(dependencies, caller, named(caller, params.api), body, origin) },
    }),
    deleteApi: async ({ caller, params, origin }) => {
      await deleteApi(dependencies, caller, named(caller, params.api), origin)
      return {}
    },
    bindGateway: async ({ caller, params, body, origin }) => ({
      body: {
        gateway: await bindGateway(dependencies, caller, namedAnywhere(caller, params.api), body, origin),
      },
    }),
    releaseGateway: async ({ caller, params, origin }) => {
      const { bindingId } = params
      await releaseGateway(dependencies, caller, { apiId: named(caller, params.api), bindingId }, origin)
      return {}
    },
    shareApi: async ({ caller, params, body, origin }) => {
      const { organizationId } = params
      const target = { apiId: named(caller, params.api), organizationId }
      return { body: { share: await shareApi(dependencies, caller, target, body, origin) } }
    },
    endShare: async ({ caller, params, origin }) => {
      const { organizationId } = params
      await endShare(dependencies, caller, { apiId: named(caller, params.api), organizationId }, origin)
      return {}
    },
    handOverApi: async ({ caller, params, body, origin }) => {
      const { organizationId } = body
      await handOverApi(dependencies, caller, { apiId: named(caller, params.api), organizationId }, origin)
      return {}
    },

    listSections: async ({ caller }) => ({ body: { sections: await listSections(dependencies, caller) } }),
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
    createSection: async ({ caller, params, body, origin }) => ({
      body: { section: await createSection(dependencies, caller, named(caller, params.api), body, origin) },
    }),
    replaceSection: async ({ caller, params, body, origin }) => {
      const target = { apiId: named(caller, params.api), name: params.name }
      return { body: { section: await replaceSection(dependencies, caller, target, body, origin) } }
    },
    deleteSection: async ({ caller, params, origin }) => {
      const target = { apiId: named(caller, params.api), name: params.name }
      await deleteSection(dependencies, caller, target, origin)
      return {}
    },
    importSections: async ({ caller, params, body, origin }) => ({
      body: await importSections(dependencies, caller, named(caller, params.api), body, origin),
    }),
  },
  api.http,
)
