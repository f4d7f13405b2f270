import * as z from 'zod'
import * as field from '../contract/fields.ts'
import { shownStatuses } from '../identity/member.ts'
import type { Rows, Stored } from '../identity/user-fields.ts'
import { identityFields, initialFields, membershipFields } from '../identity/user-fields.ts'
import { Role, shownPermissions } from '../policy/access-fields.ts'

/** The schemas of a user in requests and answers. Text and choice fields derive from `lib/identity/user-fields.ts`. */

type Form = Rows[string]['form']
type SetByUsers<F extends Rows, Forms extends Form> = {
  [K in keyof F]: F[K] extends { readonly setBy: 'users'; readonly form: Forms } ? K : never
}[keyof F]
type NamesOf<F extends Rows, Wanted extends Form> = {
  [K in keyof F]: F[K]['form'] extends Wanted ? K : never
}[keyof F]
type Plain<Row extends Rows[string]> = Row['form'] extends 'text'
  ? z.ZodString
  : z.ZodType<Stored<{ row: Row }>['row']>

const about = <S extends z.ZodType>(schema: S, description: string | undefined): S =>
  description === undefined ? schema : schema.meta({ description })

const choiceOf = ({ options, about: description }: Rows[string]): z.ZodType =>
  about(z.enum(options ?? ['']), description)

/** How answers show the special fields. */
const shownSpecial = {
  username: z.string(),
  email: z.string().nullable(),
  emailVerified: z.boolean().meta({
    description:
      'A link mailed to this address was used. Until then it gets links to choose a password, and no other mail.',
  }),
  timezone: z.string(),
  whitelist: z.array(z.string()),
  allAccountGroupRoles: z.array(Role),
  accountGroupRoles: z.array(z.object({ aid: z.int(), accountGroupName: z.string(), roles: z.array(Role) })),
  loginAccountGroup: z.int().nullable(),
  permissions: shownPermissions,
  endpoints: z.array(z.string()),
  impersonation: z.enum(['none', 'full', 'selected']),
  impersonationTargets: z
    .array(z.string())
    .meta({ description: 'User ids of those whom the user may act as, when `selected`.' }),
  integrationVendor: z.string().nullable().meta({ description: 'The vendorId.' }),
  rateLimitPerMinute: z
    .int()
    .nullable()
    .meta({ description: 'Requests a minute of this user; null = only the limit of the organization.' }),
} satisfies Record<
  NamesOf<typeof identityFields, 'special'> | NamesOf<typeof membershipFields, 'special'>,
  z.ZodType
>
type Shown<F extends Rows> = {
  -readonly [K in keyof F]: K extends keyof typeof shownSpecial ? (typeof shownSpecial)[K] : Plain<F[K]>
}

const shownShape = <F extends Rows>(rows: F) => {
  const ofSpecial: Readonly<Record<string, z.ZodType>> = shownSpecial
  const shownAs = ([name, row]: [string, Rows[string]]) =>
    ofSpecial[name] ?? (row.form === 'text' ? about(z.string(), row.about) : choiceOf(row))
  return Object.fromEntries(Object.entries(rows).map((entry) => [entry[0], shownAs(entry)])) as Shown<F>
}

const textOf = { line: field.name, prose: field.prose }

const plainShape = <F extends Rows>(rows: F) =>
  Object.fromEntries(
    Object.entries(rows)
      .filter(([, { setBy, form }]) => setBy === 'users' && form !== 'special')
      .map(([name, row]) => [
        name,
        row.bounds === undefined
          ? choiceOf(row)
          : about(textOf[row.bounds.form](row.bounds.maximum), row.about),
      ]),
  ) as { -readonly [K in SetByUsers<F, 'text' | 'choice'>]: Plain<F[K]> }

const special = {
  username: field.username,
  email: field.email.nullable(),
  timezone: field.timezone,
  permissions: field.permissions,
  endpoints: field.endpoints,
  whitelist: field.whitelist,
  loginAccountGroup: field.number
    .nullable()
    .meta({ description: 'The account group (`aid`) of requests that name none.' }),
  impersonation: field.impersonation,
  impersonationTargets: field.impersonationTargets,
  integrationVendor: field
    .line(100)
    .nullable()
    .meta({ description: 'One of the list of integration vendors, by its id or its name.' }),
} satisfies Record<
  SetByUsers<typeof identityFields, 'special'> | SetByUsers<typeof membershipFields, 'special'>,
  z.ZodType
>

/** The fields that user managers set, all optional. */
export const Settable = z
  .strictObject({ ...plainShape(identityFields), ...plainShape(membershipFields), ...special })
  .partial()

export const User = z
  .object({
    userId: field.userId,
    ...shownShape(identityFields),
    membership: z.enum(shownStatuses).meta({
      description:
        '`home`; or, of a user who is at home in another organization: `guest`, `invited` until the user accepts, `suspended` until you confirm it (`POST /v1/users/{userId}/membership/confirm`), because somebody else changed how the user authenticates.',
    }),
    guestMemberships: z.int().meta({
      description:
        'The number of other organizations in which the user is a guest or invited; shown to its home organization only, which sees nothing else of them.',
    }),
    roles: z.array(z.string()).meta({ description: 'Names of the roles held for all account groups.' }),
    ...shownShape(membershipFields),
    integrationVendorName: z.string().nullable(),
    createdAt: field.shownInstant,
    updatedAt: field.shownInstant,
    lastLoginAt: field.shownInstant
      .nullable()
      .meta({ description: 'The last login with a password. Null for guests.' }),
    lastUsedAt: field.shownInstant.nullable().meta({
      description: "The last use of any of the user's keys and tokens, accurate to an hour. Null for guests.",
    }),
    version: z.int(),
  })
  .meta({ id: 'User' })
export type User = z.infer<typeof User>

export const exampleUser: User = {
  ...initialFields(identityFields),
  ...initialFields(membershipFields),
  userId: 'usr_4k2m9x7q1w8e5r3t',
  username: 'partner-42',
  email: 'ops@partner.example',
  emailVerified: true,
  name: 'partner-42',
  description: 'Nightly order export',
  timezone: 'Europe/Berlin',
  whitelist: ['203.0.113.7'],
  membership: 'home',
  guestMemberships: 0,
  roles: ['User'],
  allAccountGroupRoles: [{ roleId: 2, roleName: 'User', hasManagementPermissions: false, builtin: true }],
  accountGroupRoles: [],
  permissions: { 'shop/orders': 'read' },
  integrationVendorName: null,
  createdAt: '2026-11-21T09:00:00.000Z',
  updatedAt: '2026-11-21T09:00:00.000Z',
  lastLoginAt: null,
  lastUsedAt: null,
  version: 2,
}
