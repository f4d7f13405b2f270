import type { IndexName } from '../../infra/local/schema-table.ts'
import { admit } from '../../lib/admission/admit.ts'
import { createApi } from '../../lib/apis/manage-apis.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import { acceptOwnInvitation, confirmMembership, leaveOrganization } from '../../lib/guests/memberships.ts'
import { epochOf } from '../../lib/identity/member.ts'
import { createOrganization } from '../../lib/organizations/create-organization.ts'
import { protectedApiOf } from '../../lib/policy/stored-api.ts'
import type { OrganizationId, UserId } from '../../lib/secrets/key-id.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { createUser } from '../../lib/users/create-user.ts'
import { deleteUser } from '../../lib/users/delete-user.ts'
import type { UserChange } from '../../lib/users/given-fields.ts'
import type { NewUserBody } from '../../lib/users/user-endpoints.ts'
import { allItems, freshTable } from '../fresh-table.ts'
import { madeOnce } from '../made-once.ts'
import {
  callerWith,
  dependenciesOf,
  makeCaller,
  makeOrganization,
  origin,
} from '../organizations/organization.ts'
import { admissionOn } from '../refusals/refusal-notes.ts'

/** A home organization, and others that each have an API `depot` and invite its users. */
export const membershipScene = async (indexes: readonly IndexName[] = []) => {
  const table = await freshTable(indexes)
  const home = await makeOrganization(table)
  const dependencies = dependenciesOf(table)

  const newHost = async (name: string) => {
    const body = { name, administrator: { username: `${name}-admin` } }
    const made = await createOrganization(dependencies, home.admin, body, origin)
    const token = made.credential.token ?? ''
    const api = { name: 'depot', audience: `https://${name}.example` }
    const { apiId } = await createApi(dependencies, await callerWith(table, token), api, origin)
    const { organizationId } = made.organization
    return { organizationId, apiId, token, administratorId: made.user.userId }
  }
  const hostWith = (made: Awaited<ReturnType<typeof newHost>>) => ({
    ...made,
    /** The administrator as a new request loads it. */
    admin: () => callerWith(table, made.token),
  })
  const host = hostWith(await madeOnce('host', table, () => newHost('host')))

  const membershipOf = async (userId: UserId, organizationId: OrganizationId) =>
    (await dependencies.readMember(userId, organizationId))?.membership

  return {
    table,
    home,
    host,
    makeHost: async (name: string) => hostWith(await newHost(name)),
    dependencies,
    admin: () => callerWith(table, home.token),
    make: async (body: NewUserBody) => makeCaller(table, await callerWith(table, home.token), body),
    membershipOf,
    invite: async (username: string, fields: Partial<NewUserBody> = {}, by = host.admin()) =>
      (await createUser(dependencies, await by, { username, ...fields }, origin)).user,
    accept: (caller: Caller, organizationId = host.organizationId) =>
      acceptOwnInvitation(dependencies, caller, organizationId, origin),
    leave: (caller: Caller, organizationId = host.organizationId) =>
      leaveOrganization(dependencies, caller, organizationId, origin),
    /** Opens a session in an organization; the result tells how its later requests are answered. */
    openSession: async (userId: UserId, { organizationId, apiId } = host) => {
      const member = await dependencies.readMember(userId, organizationId)
      if (member === undefined) throw new Error('no session without a membership')
      const session = {
        ...{ userId, organizationId, sessionId: 'ses_1' as const, keyId: null, actor: null, audience: null },
        ...{ epoch: epochOf(member), expiresAt: Date.now() + 60_000 },
      }
      const verifySession = () => Promise.resolve({ ok: true, session } as const)
      return async (endpoint = 'GET /stock') => {
        const api = await dependencies.readApi(apiId)
        const [method = '', path = ''] = endpoint.split(' ')
        const { decision } = await admit(
          { ...admissionOn(table, () => Promise.resolve()), verifySession },
          'Bearer a.b.c',
          {
            ...{ address: origin.address, method, path, aid: null },
            target: { kind: 'protected', api: api === undefined ? null : protectedApiOf(api) },
          },
        )
        return decision.allow ? 'allowed' : decision.reason
      }
    },
    /** The audit rows of an organization about a user, oldest first. */
    auditOf: async (organizationId: OrganizationId, userId: UserId) =>
      (await allItems(table))
        .filter((item) => item['kind'] === 'audit' && item['organizationId'] === organizationId)
        .filter((item) => item['targetUserId'] === userId)
        .toSorted((one, other) => String(one['at']).localeCompare(String(other['at']))),
  }
}

export type MembershipScene = Awaited<ReturnType<typeof membershipScene>>

export const anything = { version: null, ifMatch: null }

/** What an invitation offers to guests. */
export const offered = { endpoints: ['GET /stock'] }

/** The user `partner` of the home organization, and the actions of host, home and user on its membership. */
export const visitScene = async (indexes: readonly IndexName[] = []) => {
  const scene = await membershipScene(indexes)
  const partner = await madeOnce('partner', scene.table, () =>
    scene.make({
      username: 'partner',
      email: 'private@partner.example',
      firstName: 'Pat',
      lastName: 'Tern',
      location: 'Bern',
      whitelist: [origin.address],
      permissions: { orders: 'write' },
    }),
  )
  const { userId } = partner.user
  return {
    ...scene,
    partner,
    statusHere: async () => (await scene.membershipOf(userId, scene.host.organizationId))?.status,
    visit: async () => {
      await scene.invite('partner', offered)
      await scene.accept(partner.caller)
    },
    change: async (fields: UserChange, by = scene.admin()) =>
      changeUser(scene.dependencies, await by, userId, fields, anything, origin),
    remove: async (by = scene.host.admin()) => deleteUser(scene.dependencies, await by, userId, null, origin),
    confirm: async (by = scene.host.admin()) =>
      confirmMembership(scene.dependencies, await by, userId, origin),
  }
}

export type VisitScene = Awaited<ReturnType<typeof visitScene>>
