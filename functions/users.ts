import type { Caller } from '../lib/contract/operation.ts'
import { membershipEndpoints } from '../lib/guests/membership-endpoints.ts'
import {
  acceptOwnInvitation,
  confirmMembership,
  leaveOrganization,
  listOwnMemberships,
} from '../lib/guests/memberships.ts'
import { httpFunction } from '../lib/http/http-function.ts'
import type { Member } from '../lib/identity/member.ts'
import { versionOf } from '../lib/identity/member.ts'
import { readOrganizations } from '../lib/identity/organization-store.ts'
import { organizationAndManagement, showOwnUser, showUser } from '../lib/policy/show-user.ts'
import type { OrganizationId } from '../lib/secrets/key-id.ts'
import { readCallImpact } from '../lib/sightings/read-call-impact.ts'
import { showSightings } from '../lib/sightings/show-sightings.ts'
import { sightingEndpoints } from '../lib/sightings/sighting-endpoints.ts'
import type { Expected } from '../lib/users/change-user.ts'
import { changeUser, readIfMatch } from '../lib/users/change-user.ts'
import { deleteUser } from '../lib/users/delete-user.ts'
import { findUsers } from '../lib/users/find-users.ts'
import { listSources } from '../lib/users/list-sources.ts'
import { listUsers } from '../lib/users/list-users.ts'
import { warningsFor } from '../lib/users/manage-whitelist.ts'
import { sourceEndpoints } from '../lib/users/source-endpoints.ts'
import { userEndpoints } from '../lib/users/user-endpoints.ts'
import { userView } from '../lib/users/user-view.ts'
import { openApi } from './wiring/api.ts'
import { openSeal } from './wiring/seal.ts'
import { openList, openSearch } from './wiring/user-lists.ts'

const api = openApi()
const dependencies = {
  ...api,
  readOrganizations: (organizationIds: readonly OrganizationId[]) =>
    readOrganizations(api.table, organizationIds),
  ...openList(api.table),
  ...openSearch(api.table),
}

const expectedOf = (version: number | undefined, ifMatch: string | undefined): Expected => ({
  version: version ?? null,
  ifMatch: readIfMatch(ifMatch),
})

const shown = (member: Member, caller: Caller) => {
  const user = userView(member, caller.snapshot.policy)
  return { body: { user }, headers: { etag: `"${user.version}"` } }
}

export const handler = httpFunction(
  'users',
  [...userEndpoints, ...membershipEndpoints, ...sightingEndpoints, ...sourceEndpoints],
  {
    listUsers: async ({ caller, query }) => {
      const { q, ...listed } = query
      return {
        body:
          q === undefined
            ? await listUsers(dependencies, caller, listed)
            : await findUsers(dependencies, caller, { ...listed, q }),
      }
    },
    getOwnUser: async ({ caller }) => {
      const { body, headers } = shown(showOwnUser(caller), caller)
      return { body: { ...body, ...organizationAndManagement(caller) }, headers }
    },
    chooseLoginAccountGroup: async ({ caller, body, origin, write }) => {
      const anything = { version: null, ifMatch: null }
      return shown(
        // Whoever acts on itself needs no management.
        await changeUser(
          { ...dependencies, write },
          { ...caller, reach: 'organization' },
          caller.subject.userId,
          body,
          anything,
          origin,
        ),
        caller,
      )
    },
    getUser: async ({ caller, params }) => shown(await showUser(dependencies, caller, params.userId), caller),
    getSightings: async ({ caller, params }) => ({
      body: await showSightings(dependencies, caller, params.userId),
    }),
    listSources: async ({ caller, query }) => ({ body: await listSources(dependencies, caller, query) }),
    changeUser: async ({ caller, params, body, headers, origin, write, dryRun }) => {
      const { version, ...change } = body
      const expected = expectedOf(version, headers['if-match'])
      const member = await changeUser(
        { ...dependencies, write },
        caller,
        params.userId,
        change,
        expected,
        origin,
      )
      const { body: after, headers: tag } = shown(member, caller)
      const { whitelist } = change
      return {
        headers: tag,
        body: {
          ...after,
          ...(whitelist === undefined ? {} : { warnings: await warningsFor(dependencies, whitelist) }),
        },
        impact: dryRun ? await readCallImpact(dependencies, caller, member) : undefined,
      }
    },
    setUserRateLimit: async ({ caller, params, body, headers, origin, write }) => {
      const { version, ...change } = body
      const expected = expectedOf(version, headers['if-match'])
      const member = await changeUser(
        { ...dependencies, write },
        caller,
        params.userId,
        change,
        expected,
        origin,
      )
      const newVersion = versionOf(member)
      // The permission for this one says nothing of who may see users.
      const { userId, rateLimitPerMinute } = member.membership
      return {
        body: { userId, rateLimitPerMinute, version: newVersion },
        headers: { etag: `"${newVersion}"` },
      }
    },
    listOwnMemberships: async ({ caller }) => ({
      body: { memberships: await listOwnMemberships(dependencies, caller) },
    }),
    acceptOwnInvitation: async ({ caller, params, origin, write }) => ({
      body: {
        membership: await acceptOwnInvitation(
          { ...dependencies, write },
          caller,
          params.organizationId,
          origin,
        ),
      },
    }),
    leaveOrganization: async ({ caller, params, origin, write }) => {
      await leaveOrganization({ ...dependencies, write }, caller, params.organizationId, origin)
      return {}
    },
    confirmMembership: async ({ caller, params, origin, write }) =>
      shown(await confirmMembership({ ...dependencies, write }, caller, params.userId, origin), caller),
    deleteUser: async ({ caller, params, headers, origin, write }) => {
      await deleteUser(
        { ...dependencies, write },
        caller,
        params.userId,
        readIfMatch(headers['if-match']),
        origin,
      )
      return {}
    },
  },
  { ...api.http, seal: openSeal() },
)
