import { readDirectoryNow } from '../lib/guests/recent-memberships-store.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import { readAccessPolicy } from '../lib/policy/access-policy-store.ts'
import { accountGroupEndpoints } from '../lib/policy/account-group-endpoints.ts'
import { integrationVendorEndpoints } from '../lib/policy/integration-vendor-endpoints.ts'
import {
  createAccountGroup,
  deleteAccountGroup,
  listAccountGroups,
  renameAccountGroup,
} from '../lib/policy/manage-account-groups.ts'
import {
  createIntegrationVendor,
  deleteIntegrationVendor,
  listIntegrationVendors,
} from '../lib/policy/manage-integration-vendors.ts'
import { changeRole, createRole, deleteRole } from '../lib/policy/manage-roles.ts'
import { roleEndpoints } from '../lib/policy/role-endpoints.ts'
import { listRoles, showRole } from '../lib/policy/show-roles.ts'
import type { OrganizationId } from '../lib/secrets/key-id.ts'
import { readCallImpact } from '../lib/sightings/read-call-impact.ts'
import { replaceRoles } from '../lib/users/replace-roles.ts'
import { roleAssignmentEndpoints } from '../lib/users/role-assignment-endpoints.ts'
import { userView } from '../lib/users/user-view.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = {
  ...api,
  readAccessPolicy: (organizationId: OrganizationId) => readAccessPolicy(api.table, organizationId),
  readDirectory: (organizationId: OrganizationId) => readDirectoryNow(api.table, organizationId, Date.now()),
}

export const handler = httpFunction(
  'access',
  [...roleEndpoints, ...accountGroupEndpoints, ...integrationVendorEndpoints, ...roleAssignmentEndpoints],
  {
    listRoles: ({ caller }) => ({ body: { roles: listRoles(caller.snapshot.policy) } }),
    getRole: ({ caller, params }) => ({ body: { role: showRole(caller.snapshot.policy, params.roleId) } }),
    createRole: async ({ caller, body, origin, write, once }) => ({
      body: { role: await once(() => createRole({ ...dependencies, write }, caller, body, origin)) },
    }),
    changeRole: async ({ caller, params, body, origin, write }) => ({
      body: { role: await changeRole({ ...dependencies, write }, caller, params.roleId, body, origin) },
    }),
    deleteRole: async ({ caller, params, origin, write }) => {
      await deleteRole({ ...dependencies, write }, caller, params.roleId, origin)
      return {}
    },
    replaceUserRoles: async ({ caller, params, body, origin, write, dryRun }) => {
      const member = await replaceRoles({ ...dependencies, write }, caller, params.userId, body, origin)
      const user = userView(member, caller.snapshot.policy)
      return {
        body: { user },
        headers: { etag: `"${user.version}"` },
        impact: dryRun ? await readCallImpact(dependencies, caller, member) : undefined,
      }
    },

    listAccountGroups: ({ caller }) => ({
      body: { accountGroups: listAccountGroups(caller.snapshot.policy) },
    }),
    createAccountGroup: async ({ caller, body, origin, write, once }) => ({
      body: {
        accountGroup: await once(() => createAccountGroup({ ...dependencies, write }, caller, body, origin)),
      },
    }),
    renameAccountGroup: async ({ caller, params, body, origin, write }) => ({
      body: {
        accountGroup: await renameAccountGroup({ ...dependencies, write }, caller, params.aid, body, origin),
      },
    }),
    deleteAccountGroup: async ({ caller, params, origin, write }) => {
      await deleteAccountGroup({ ...dependencies, write }, caller, params.aid, origin)
      return {}
    },

    listIntegrationVendors: ({ caller }) => ({
      body: { integrationVendors: [...listIntegrationVendors(caller.snapshot.policy)] },
    }),
    createIntegrationVendor: async ({ caller, body, origin, write, once }) => ({
      body: {
        integrationVendor: await once(() =>
          createIntegrationVendor({ ...dependencies, write }, caller, body.name, origin),
        ),
      },
    }),
    deleteIntegrationVendor: async ({ caller, params, origin, write }) => {
      await deleteIntegrationVendor({ ...dependencies, write }, caller, params.vendorId, origin)
      return {}
    },
  },
  api.http,
)
