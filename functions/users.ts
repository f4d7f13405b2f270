import { httpFunction } from '../lib/http/http-function.ts'
import { readIfMatch } from '../lib/http/if-match.ts'
import type { Caller } from '../lib/http/operation.ts'
import { readOrganizations } from '../lib/organizations/organization-store.ts'
import { showSightings } from '../lib/sightings/show-sightings.ts'
import type { Expected } from '../lib/users/change-user.ts'
import { changeUser } from '../lib/users/change-user.ts'
import { deleteUser } from '../lib/users/delete-user.ts'
import { listUsers } from '../lib/users/list-users.ts'
import type { Member } from '../lib/users/member.ts'
import { versionOf } from '../lib/users/member.ts'
import { acceptPlace, leavePlace, listOwnPlaces, wakePlace } from '../lib/users/places.ts'
import { rehearseChange } from '../lib/users/rehearse-change.ts'
import { showOwnUser, showUser } from '../lib/users/show-user.ts'
import { readDirectory } from '../lib/users/user-store.ts'
import { userView } from '../lib/users/user-view.ts'
import { warningsFor } from '../lib/whitelist/manage-whitelist.ts'
import { openApi } from './wiring/api.ts'

const api = openApi()
const dependencies = {
  ...api,
  readOrganizations: (organizationIds: readonly string[]) => readOrganizations(api.table, organizationIds),
  readDirectory: (
    ...page: Parameters<typeof readDirectory> extends [unknown, ...infer Rest] ? Rest : never
  ) => readDirectory(api.table, ...page),
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
  {
    listUsers: async ({ caller, query }) => {
      return { body: await listUsers(dependencies, caller, query) }
    },
    getOwnUser: async ({ caller }) => shown(showOwnUser(caller), caller),
    chooseLoginAccountGroup: async ({ caller, body, origin }) => {
      const anything = { version: null, ifMatch: null }
      return shown(
        // Whoever acts on itself needs no management.
        await changeUser(
          dependencies,
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
    changeUser: async ({ caller, params, query, body, headers, origin }) => {
      const { version, ...change } = body
      const expected = expectedOf(version, headers['if-match'])
      if (query.dryRun) {
        const { after, report } = await rehearseChange(
          dependencies,
          caller,
          params.userId,
          change,
          expected,
          origin,
        )
        return { body: { user: userView(after, caller.snapshot.policy), dryRun: report } }
      }
      const member = await changeUser(dependencies, caller, params.userId, change, expected, origin)
      const reply = shown(member, caller)
      const { whitelist } = change
      if (whitelist === undefined) return reply
      return { ...reply, body: { ...reply.body, warnings: await warningsFor(dependencies, whitelist) } }
    },
    setUserRateLimit: async ({ caller, params, body, headers, origin }) => {
      const { version, ...change } = body
      const expected = expectedOf(version, headers['if-match'])
      const member = await changeUser(dependencies, caller, params.userId, change, expected, origin)
      const newVersion = versionOf(member)
      // The permission for this one says nothing of who may see users.
      const { userId, rateLimitPerMinute } = member.membership
      return {
        body: { userId, rateLimitPerMinute, version: newVersion },
        headers: { etag: `"${newVersion}"` },
      }
    },
    listOwnPlaces: async ({ caller }) => ({ body: { places: await listOwnPlaces(dependencies, caller) } }),
    acceptPlace: async ({ caller, params, origin }) => ({
      body: { place: await acceptPlace(dependencies, caller, params.organizationId, origin) },
    }),
    leavePlace: async ({ caller, params, origin }) => {
      await leavePlace(dependencies, caller, params.organizationId, origin)
      return {}
    },
    wakePlace: async ({ caller, params, origin }) =>
      shown(await wakePlace(dependencies, caller, params.userId, origin), caller),
    deleteUser: async ({ caller, params, headers, origin }) => {
      await deleteUser(dependencies, caller, params.userId, readIfMatch(headers['if-match']), origin)
      return {}
    },
  },
  api.http,
)
