import * as z from 'zod'
import { permissionLevels } from '../decision/section.ts'
import { accessLevel, status } from './fields.ts'

/** What leaves: each answer is parsed by one of these, and a field that they do not name stays inside. */

export const instant = z.string().meta({ format: 'date-time' })

export const shownPermissions = z.record(z.string(), z.enum(permissionLevels)).meta({
  description:
    'Section to level; with `<api>/` in front where that is not the only API that the organization owns.',
  examples: [{ orders: 'read' }],
})

export const Role = z
  .object({
    roleId: z.int(),
    roleName: z.string(),
    hasManagementPermissions: z
      .boolean()
      .meta({ description: 'It gives something of Postern, or lets its holders act as others.' }),
    builtin: z.boolean(),
  })
  .meta({ id: 'Role' })

export const User = z
  .object({
    userId: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    emailVerified: z.boolean().meta({
      description:
        'A link mailed to this address was used. Until then it gets links to choose a password, and no other mail.',
    }),
    firstName: z.string(),
    lastName: z.string(),
    name: z.string(),
    description: z.string(),
    status,
    place: z.enum(['home', 'guest', 'invited', 'asleep']).meta({
      description:
        '`home`; or, of a user who is at home in another organization: `guest`, `invited` until the user accepts, `asleep` until you confirm it (`POST /v1/users/{userId}/wake`), because somebody else changed what proves the user.',
    }),
    guestPlaces: z.int().meta({
      description:
        'In how many other organizations the user has a place; shown to its home, which sees nothing else of them.',
    }),
    accessLevel,
    timezone: z.string(),
    location: z.string(),
    roles: z.array(z.string()).meta({ description: 'Names of the roles held for all account groups.' }),
    allAccountGroupRoles: z.array(Role),
    accountGroupRoles: z.array(
      z.object({ aid: z.int(), accountGroupName: z.string(), roles: z.array(Role) }),
    ),
    loginAccountGroup: z.int().nullable(),
    permissions: shownPermissions,
    endpoints: z.array(z.string()),
    whitelist: z.array(z.string()),
    impersonation: z.enum(['none', 'full', 'selected']),
    impersonationTargets: z
      .array(z.string())
      .meta({ description: 'User ids of those whom the user may act as, when `selected`.' }),
    integrationVendor: z.string().nullable().meta({ description: 'The vendorId.' }),
    integrationVendorName: z.string().nullable(),
    rateLimitPerMinute: z
      .int()
      .nullable()
      .meta({ description: 'Requests a minute of this user; null = only the limit of the organization.' }),
    createdAt: instant,
    updatedAt: instant,
    lastLoginAt: instant.nullable(),
    version: z.int(),
  })
  .meta({ id: 'User' })
export type User = z.infer<typeof User>

export const Credential = z
  .object({
    keyId: z.string(),
    kind: z.enum(['key', 'token']),
    name: z.string(),
    status: status.meta({ description: 'While `disabled`, it is refused like one that is not there.' }),
    createdAt: instant,
    expiresAt: instant.nullable(),
    lastUsedAt: instant.nullable().meta({ description: 'To within an hour.' }),
    replaces: z.string().optional().meta({ description: 'The keyId of the one that it was rotated from.' }),
    replacedExpiresAt: instant.optional().meta({
      description:
        'When that one stops working: until then both do. With `endOldOnFirstUse` it can be sooner.',
    }),
    replacedBy: z.string().optional().meta({
      description: 'The keyId of the newest one that it was rotated to; this one works until `expiresAt`.',
    }),
    imported: z
      .literal(true)
      .optional()
      .meta({ description: 'Its secret was made elsewhere, and only the hash of it is known here.' }),
    clientId: z
      .string()
      .optional()
      .meta({ description: 'Of an imported key: what is presented beside its secret.' }),
  })
  .meta({ id: 'Credential' })
export type Credential = z.infer<typeof Credential>

const NewKey = Credential.extend({
  kind: z.literal('key'),
  secret: z.string().meta({ description: 'The secret of the key, shown this once.' }),
}).meta({ id: 'NewKey' })

const NewToken = Credential.extend({
  kind: z.literal('token'),
  token: z.string().meta({ description: 'The token, shown this once.' }),
}).meta({ id: 'NewToken' })

export const NewCredential = z.discriminatedUnion('kind', [NewKey, NewToken]).meta({
  id: 'NewCredential',
  discriminator: {
    propertyName: 'kind',
    mapping: { key: '#/components/schemas/NewKey', token: '#/components/schemas/NewToken' },
  },
})
/** Each has what the other has not, so that either may be asked of both. */
export type NewCredential =
  | (z.infer<typeof NewKey> & { readonly token?: undefined })
  | (z.infer<typeof NewToken> & { readonly secret?: undefined })

export const exampleUser: User = {
  userId: 'usr_4k2m9x7q1w8e5r3t',
  username: 'partner-42',
  email: 'ops@partner.example',
  emailVerified: true,
  firstName: '',
  lastName: '',
  name: 'partner-42',
  description: 'Nightly order export',
  status: 'active',
  place: 'home',
  guestPlaces: 0,
  accessLevel: 'api',
  timezone: 'Europe/Berlin',
  location: '',
  roles: ['User'],
  allAccountGroupRoles: [{ roleId: 2, roleName: 'User', hasManagementPermissions: false, builtin: true }],
  accountGroupRoles: [],
  loginAccountGroup: null,
  permissions: { orders: 'read' },
  endpoints: [],
  whitelist: ['203.0.113.7'],
  impersonation: 'none',
  impersonationTargets: [],
  integrationVendor: null,
  integrationVendorName: null,
  rateLimitPerMinute: null,
  createdAt: '2026-11-21T09:00:00.000Z',
  updatedAt: '2026-11-21T09:00:00.000Z',
  lastLoginAt: null,
  version: 2,
}

export const exampleCredential: Credential = {
  keyId: 'key_a1b2c3d4e54k2m9x7q1w8e5r3tz9y8x7w6v5',
  kind: 'key',
  name: 'production',
  status: 'active',
  createdAt: '2026-11-21T09:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
}
