import * as fc from 'fast-check'
import type { ApiId, OrganizationId, UserId } from '../../lib/secrets/key-id.ts'

/** A parsed endpoint pattern. */
export type Endpoint = { readonly method: string; readonly segments: readonly string[] }

type Level = 'read' | 'write'

export type Entitlement = {
  readonly sections: Readonly<Record<string, Level>>
  readonly everySection: { readonly level: Level; readonly except: readonly string[] } | null
}

type ApiGiven = {
  readonly apiId: ApiId
  readonly organizationId: OrganizationId
  readonly sections: readonly {
    readonly name: string
    readonly dashboard: boolean
    readonly endpoints: readonly { readonly endpoint: Endpoint; readonly level: Level }[]
  }[]
  readonly shares: readonly { readonly organizationId: OrganizationId; readonly entitlement: Entitlement }[]
}

type OwnGrants = {
  /** Permissions of an API or of Postern. */
  readonly permissions: readonly (readonly [api: string, section: string, level: Level])[]
  readonly endpoints: readonly (readonly [apiId: ApiId, endpoint: Endpoint])[]
}

export type RoleGiven = OwnGrants & {
  readonly roleId: number
  readonly everySection: readonly {
    readonly apiId: ApiId
    readonly level: Level
    readonly except: readonly string[]
  }[]
}

export type UserGiven = {
  readonly userId: UserId
  readonly organizationId: OrganizationId
  readonly allAccountGroupRoles: readonly number[]
  /** The roles in account groups 1 and 2. */
  readonly accountGroupRoles: readonly (readonly number[])[]
  readonly loginAccountGroup: number | null
  readonly own: OwnGrants & { readonly everySection?: RoleGiven['everySection'] }
}

export type Asked = {
  readonly user: number
  readonly aid: number | null
} & (
  | { readonly api: number; readonly method: string; readonly segments: readonly string[] }
  | { readonly section: string; readonly level: Level; readonly scope: 'organization' | 'account-group' }
)

/** Some organizations with APIs, roles and users, and the users' requests. */
export type Scene = {
  readonly apis: readonly ApiGiven[]
  readonly roles: readonly RoleGiven[]
  readonly users: readonly UserGiven[]
  readonly asked: readonly Asked[]
}

const apiIds = ['api_a', 'api_b', 'api_c'] as const
/** `org_1` repeats, so that most requests are for an API that is seen. */
const organizations = ['org_1', 'org_1', 'org_1', 'org_2', 'org_3'] as const
const sectionNames = ['s', 't', 'u']
export const managementNames = ['postern-users', 'postern-access', 'postern-credentials']
export const mostSegments = 4

const level = fc.constantFrom<Level>('read', 'write')
const organizationId = fc.constantFrom(...organizations)
const segment = fc.constantFrom('a', 'b', '{x}')
const endpoint: fc.Arbitrary<Endpoint> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', '*'),
    start: fc.array(segment, { maxLength: 2 }),
    end: fc.constantFrom('a', 'b', '{x}', '*'),
  })
  .map(({ method, start, end }) => ({ method, segments: [...start, end] }))
const except = fc.subarray(sectionNames, { maxLength: 2 })
const entitlement: fc.Arbitrary<Entitlement> = fc.record({
  sections: fc.dictionary(fc.constantFrom(...sectionNames), level, { maxKeys: 2 }),
  everySection: fc.option(fc.record({ level, except }), { freq: 2 }),
})

const api = (apiId: ApiId): fc.Arbitrary<ApiGiven> =>
  fc.record({
    apiId: fc.constant(apiId),
    organizationId,
    sections: fc.tuple(
      ...sectionNames.map((name) =>
        fc.record({
          name: fc.constant(name),
          dashboard: fc.boolean(),
          endpoints: fc.array(fc.record({ endpoint, level }), { maxLength: 3 }),
        }),
      ),
    ),
    shares: fc.uniqueArray(fc.record({ organizationId, entitlement }), {
      selector: (share) => share.organizationId,
      maxLength: 2,
    }),
  })

const own: fc.Arbitrary<OwnGrants> = fc.record({
  permissions: fc.uniqueArray(
    fc.oneof(
      fc.tuple(fc.constantFrom(...apiIds), fc.constantFrom(...sectionNames), level),
      fc.tuple(fc.constant('postern'), fc.constantFrom(...managementNames), level),
    ),
    { selector: ([ofApi, name]) => `${ofApi}/${name}`, maxLength: 3 },
  ),
  endpoints: fc.array(fc.tuple(fc.constantFrom(...apiIds), endpoint), { maxLength: 2 }),
})
const role = (roleId: number): fc.Arbitrary<RoleGiven> =>
  fc
    .record({
      own,
      everySection: fc.uniqueArray(fc.record({ apiId: fc.constantFrom(...apiIds), level, except }), {
        selector: ({ apiId }) => apiId,
        maxLength: 1,
      }),
    })
    .map(({ own: held, everySection }) => ({ ...held, roleId, everySection }))

const customRoleIds = [1000, 1001, 1002]
/** Mostly custom roles: an administrator may do most things regardless of its other roles. */
const roleId = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...customRoleIds) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2, 3, 3, 4, 5, 6) },
)
const roleIds = fc.uniqueArray(roleId, { maxLength: 2 })

const user = (userId: UserId): fc.Arbitrary<UserGiven> =>
  fc.record({
    userId: fc.constant(userId),
    organizationId,
    allAccountGroupRoles: fc.oneof(fc.constant([]), roleIds),
    accountGroupRoles: fc.tuple(roleIds, roleIds),
    loginAccountGroup: fc.constantFrom(null, 1, 2),
    own,
  })

/** Includes trailing slashes and the root. */
const requestSegments = fc
  .record({
    start: fc.array(fc.constantFrom('a', 'a', 'b', 'b', 'c'), { maxLength: mostSegments - 1 }),
    end: fc.constantFrom('a', 'b', 'a', 'b', 'c', ''),
  })
  .map(({ start, end }) => [...start, end])

const asked: fc.Arbitrary<Asked> = fc
  .record({
    user: fc.integer({ min: 0, max: 3 }),
    aid: fc.constantFrom(null, null, 1, 2),
    what: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          api: fc.integer({ min: 0, max: apiIds.length - 1 }),
          method: fc.constantFrom('GET', 'POST', 'PUT'),
          segments: requestSegments,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          section: fc.constantFrom(...managementNames),
          level,
          scope: fc.constantFrom('organization' as const, 'account-group' as const),
        }),
      },
    ),
  })
  .map(({ what, ...who }) => ({ ...who, ...what }))

/** @param requests number of requests in each scene. */
export const sceneOf = (requests: number): fc.Arbitrary<Scene> =>
  fc.record({
    apis: fc.tuple(...apiIds.map(api)),
    roles: fc.tuple(...customRoleIds.map(role)),
    users: fc.tuple(...(['usr_0', 'usr_1', 'usr_2', 'usr_3'] as const).map(user)),
    asked: fc.array(asked, { minLength: requests, maxLength: requests, size: 'max' }),
  })
