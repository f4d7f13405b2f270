import { readLogo } from '../lib/brand/logo-store.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { readInstallation } from '../lib/identity/installation-store.ts'
import { readOrganizations } from '../lib/identity/organization-store.ts'
import { removeLogo, replaceLogo } from '../lib/organizations/change-logo.ts'
import { changeOrganization } from '../lib/organizations/change-organization.ts'
import { createOrganization } from '../lib/organizations/create-organization.ts'
import { logoEndpoints } from '../lib/organizations/logo-endpoints.ts'
import { logoReply } from '../lib/organizations/logo-reply.ts'
import { organizationEndpoints } from '../lib/organizations/organization-endpoints.ts'
import { organizationView } from '../lib/organizations/organization-view.ts'
import { switchOrganization } from '../lib/organizations/switch-organization.ts'
import type { OrganizationId } from '../lib/secrets/key-id.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = {
  ...api,
  readFirstOrganization: () => readInstallation(api.table),
  readOrganizations: (organizationIds: readonly OrganizationId[]) =>
    readOrganizations(api.table, organizationIds),
}

export const handler = httpFunction(
  'organization',
  [...organizationEndpoints, ...logoEndpoints],
  {
    getOrganization: ({ caller }) => ({
      body: { organization: organizationView(caller.snapshot.organization) },
    }),
    changeOrganization: async ({ caller, body, origin, write }) => ({
      body: {
        organization: organizationView(
          await changeOrganization({ ...dependencies, write }, caller, body, origin),
        ),
      },
    }),
    replaceLogo: async ({ caller, body, origin, write }) => ({
      body: {
        organization: organizationView(await replaceLogo({ ...dependencies, write }, caller, body, origin)),
      },
    }),
    removeLogo: async ({ caller, origin, write }) => ({
      body: { organization: organizationView(await removeLogo({ ...dependencies, write }, caller, origin)) },
    }),
    getLogo: async ({ params }) => logoReply(await readLogo(api.table, params.organizationId), params.hash),
    switchOrganization: async ({ caller, params, body, origin, write }) => ({
      body: {
        organization: organizationView(
          await switchOrganization(
            { ...dependencies, write },
            caller,
            params.organizationId,
            body.status,
            origin,
          ),
        ),
      },
    }),
    createOrganization: async ({ caller, body, origin, write, once }) => ({
      body: await once(() => createOrganization({ ...dependencies, write }, caller, body, origin)),
    }),
  },
  api.http,
)
