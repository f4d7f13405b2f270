/**
 * A naive oracle of the rights model (docs/access.md), written from the model's words and not from lib/. It knows no pattern
 * algebra: the universe is a handful of concrete requests, and what anything means is the list of the requests that it covers.
 * Its state is plain data, so that a world can be copied, compared and printed.
 */

export type Level = 'read' | 'write'

/** What can be asked of an API, after stage and base path. */
export type Endpoint = { readonly method: string; readonly path: string }

type Door = { readonly gatewayId: string; readonly stage: string }

/** A concrete request at a gateway. The path follows the stage, which is not part of it. */
export type DoorRequest = Endpoint & { readonly door: Door }

const methods = ['GET', 'POST'] as const
const endpointPaths = ['/a', '/a/b', '/b', '/b/a', '/shop/a', '/shop/a/b', '/shop/b'] as const
export const doors: readonly Door[] = [
  { gatewayId: 'gw1', stage: '$default' },
  { gatewayId: 'gw2', stage: 'prod' },
  // Nobody ever registers this one.
  { gatewayId: 'gw3', stage: '$default' },
]
export const basePaths = ['/', '/shop'] as const

export const everyEndpoint: readonly Endpoint[] = methods.flatMap((method) =>
  endpointPaths.map((path) => ({ method, path })),
)
export const everyDoorRequest: readonly DoorRequest[] = doors.flatMap((door) =>
  everyEndpoint.map((endpoint) => ({ door, ...endpoint })),
)

export const managementSections = [
  'postern-users',
  'postern-credentials',
  'postern-whitelist',
  'postern-access',
  'postern-organization',
  'postern-audit',
  'postern-apis',
] as const

type SectionGrant = { readonly api: string; readonly section: string; readonly level: Level }

/** Whom somebody may act as; the targets belong to `selected`. */
export type Acting = {
  readonly impersonation: 'none' | 'full' | 'selected'
  readonly targets: readonly string[]
}

export type Grants = {
  /** All of Postern's sections and every endpoint of every API: built-in roles only. */
  readonly everything: boolean
  /** Of every API, the reading of the sections that its owner marked as dashboards: a built-in role only. */
  readonly dashboards: boolean
  /** `api` null = every API. */
  readonly everySection: readonly { api: string | null; level: Level; except: readonly string[] }[]
  readonly sections: readonly SectionGrant[]
  readonly management: Readonly<Record<string, Level>>
  readonly endpoints: readonly { api: string; pattern: string }[]
  /** Of roles; a user's own is with its membership. */
  readonly acts: Acting
}

export const noGrants: Grants = {
  everything: false,
  dashboards: false,
  everySection: [],
  sections: [],
  management: {},
  endpoints: [],
  acts: { impersonation: 'none', targets: [] },
}

const sectionsOfEveryApi = (level: Level): Grants => ({
  ...noGrants,
  everySection: [{ api: null, level, except: [] }],
})

/** By their numbers, which the API shows. */
export const builtInRoles: Readonly<Record<number, Grants>> = {
  1: { ...noGrants, everything: true },
  2: noGrants,
  3: { ...noGrants, dashboards: true },
  4: { ...noGrants, everything: true },
  5: {
    ...sectionsOfEveryApi('write'),
    management: {
      'postern-users': 'write',
      'postern-credentials': 'write',
      'postern-whitelist': 'write',
      'postern-access': 'read',
    },
  },
  6: sectionsOfEveryApi('write'),
}

export type SectionEntry = { readonly pattern: string; readonly level: Level }

export type Section = {
  readonly entries: readonly SectionEntry[]
  /** The title of the OpenAPI document that it came from. */
  readonly importedFrom: string | null
  /** Read by whoever has the role Read Only. */
  readonly dashboard: boolean
}

/** At most this, for everybody of the organization that the API is shared with. */
export type Entitlement = {
  readonly everySection: { readonly level: Level; readonly except: readonly string[] } | null
  readonly sections: Readonly<Record<string, Level>>
}

export type Binding = Door & { readonly bindingId: string; readonly basePath: string }

export type Api = {
  apiId: string
  name: string
  audience: string
  organizationId: string
  bindings: Binding[]
  sections: Record<string, Section>
  shares: Record<string, Entitlement>
}

/** `uninvited`: the invitation ended before it was accepted. */
export type MembershipStatus = 'home' | 'guest' | 'invited' | 'uninvited' | 'suspended'

export type Membership = {
  /** A membership that is ended and created again is another one. */
  number: number
  status: MembershipStatus
  /** By the organization that the user is a guest of. */
  disabled: boolean
  loginGroup: number | null
  /** `aid` null = for all account groups. */
  roles: { roleId: number; aid: number | null }[]
  own: Grants
  impersonation: 'none' | 'full' | 'selected'
  targets: string[]
}

export type User = {
  userId: string
  username: string
  home: string
  status: 'active' | 'disabled'
  email: string | null
  password: string | null
  /** Holds an address that no call comes from, so that the user is refused everywhere. */
  lockedOut: boolean
  /** By organization. */
  memberships: Record<string, Membership>
}

type ProofState = 'live' | 'unsure' | 'ended'

/** A credential or a session: what proves who calls. Its secret is no part of the world. */
export type Proof = {
  proofId: string
  kind: 'token' | 'key' | 'session'
  userId: string
  organizationId: string
  membershipNumber: number
  /** The API that a session is for, and what it was called then; null = Postern. */
  audience: { readonly apiId: string; readonly uri: string } | null
  actorId: string | null
  /** The account group that a session began in. */
  aid: number | null
  /** The credential that opened the session. */
  openedBy: string | null
  /** `unsure`: the model does not say whether what happened since ends it; once seen dead it is `ended`. */
  state: ProofState
}

export type World = {
  /** The next number of a membership. */
  next: number
  first: string
  /** The API that unregistered gateways belong to. */
  defaultApi: string | null
  /** Every gateway of which anything was ever bound. Where nobody claims it any more it is closed. */
  registered: string[]
  organizations: Record<string, { groups: number[] }>
  /** By organization and number: `org_x/1000`. */
  roles: Record<string, Grants>
  users: Record<string, User>
  apis: Record<string, Api>
  proofs: Record<string, Proof>
}

export const copyOf = (world: World): World => structuredClone(world)
