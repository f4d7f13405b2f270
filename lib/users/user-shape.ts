import * as z from 'zod'
import { accessLevel, shownInstant as instant, status } from '../contract/fields.ts'
import { Role, shownPermissions } from '../policy/access-fields.ts'

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
