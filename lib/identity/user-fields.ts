import { permissionLevels } from '../decision/section.ts'
import * as z from '../effects/shape.ts'
import { UserId } from '../secrets/key-id.ts'

/**
 * The fields of a user, one row each. The stored items, the request bodies, the response and the audit are derived from these two
 * tables. A text or a choice needs only its row. A `special` field also needs schemas in `lib/users/user-shape.ts` (the compiler
 * lists them) and its logic in `lib/users/given-fields.ts`.
 */

type Columns = {
  /**
   * The requests that set it: `users` (`POST` and `PATCH /v1/users`), `roles` (replacing roles), `limits` (setting limits), or only
   * `postern` itself.
   */
  readonly setBy: 'users' | 'roles' | 'limits' | 'postern'
  /** The audit has every change; with `always` also the value at creation and deletion of the user. */
  readonly audited: 'always' | 'changes'
  /** Ends all sessions of the user: after any change, or when the value becomes `disabled`. */
  readonly endsSessions?: 'any change' | 'disabled'
  /** A grant: only users who hold it may give it; any manager may take it away. */
  readonly isGrant?: true
  /** The description in the OpenAPI document. */
  readonly about?: string
}

/** Who sees a field. `hosts`: also organizations whose invitation the user has accepted. All others see the initial value. */
export type Audience = 'home' | 'hosts' | 'everybody'
type IdentityColumns = Columns & { readonly shownTo: Audience }

/** Plain text. The schema has a default for items that were stored before the field existed. */
const text =
  (form: 'line' | 'prose') =>
  <const C extends Columns>(maximum: number, columns: C) => ({
    ...columns,
    form: 'text' as const,
    schema: z._default(z.string(), ''),
    initial: '',
    bounds: { form, maximum },
  })
const line = text('line')
const prose = text('prose')

/** The first option is the initial value. */
const choice = <const O extends readonly [string, ...string[]], const C extends Columns>(
  options: O,
  columns: C,
) => ({
  ...columns,
  form: 'choice' as const,
  options,
  schema: z.enum<O[number]>(options),
  initial: options[0] as O[number],
})

const special = <S extends z.Shape<unknown>, const C extends Columns>(
  schema: S,
  initial: z.output<S>,
  columns: C,
) => ({ ...columns, form: 'special' as const, schema, initial })

/** Fields of the user item. The user's home organization sets them. */
export const identityFields = {
  username: special(z.string(), '', { setBy: 'users', shownTo: 'everybody', audited: 'always' }),
  email: special(z.nullable(z.string()), null, { setBy: 'users', shownTo: 'home', audited: 'changes' }),
  /** True after a link that was mailed to `email` has been used. Until then only mails with links are sent to the address. */
  emailVerified: special(z.boolean(), false, { setBy: 'postern', shownTo: 'home', audited: 'changes' }),
  firstName: line(200, { setBy: 'users', shownTo: 'hosts', audited: 'changes' }),
  lastName: line(200, { setBy: 'users', shownTo: 'hosts', audited: 'changes' }),
  /** Defaults to first and last name, or to the username. */
  name: line(200, { setBy: 'users', shownTo: 'hosts', audited: 'changes' }),
  description: prose(2000, { setBy: 'users', shownTo: 'home', audited: 'changes' }),
  status: choice(['active', 'disabled'], {
    setBy: 'users',
    shownTo: 'hosts',
    audited: 'always',
    endsSessions: 'disabled',
  }),
  accessLevel: choice(['api', 'dashboard'], {
    setBy: 'users',
    shownTo: 'hosts',
    audited: 'always',
    // So that the console ends at once where it is taken away.
    endsSessions: 'any change',
    about: '`api` may only call APIs; `dashboard` may also sign in to the console.',
  }),
  timezone: special(z.string(), 'UTC', { setBy: 'users', shownTo: 'hosts', audited: 'changes' }),
  location: line(200, {
    setBy: 'users',
    shownTo: 'home',
    audited: 'changes',
    about: "One of the organization's `locations` if it has any; may be empty.",
  }),
  whitelist: special(z.array(z.string()), [], { setBy: 'users', shownTo: 'home', audited: 'always' }),
} as const satisfies Readonly<Record<string, IdentityColumns>>

/** Fields of the membership item: what the user may do in one organization. Only that organization sets and sees them. */
export const membershipFields = {
  /** `role` or `roles` in requests. The audit row of a user's creation or deletion has the names of the roles. */
  allAccountGroupRoles: special(z.array(z.int()), [], {
    setBy: 'roles',
    audited: 'changes',
    endsSessions: 'any change',
    isGrant: true,
  }),
  accountGroupRoles: special(z.array(z.object({ aid: z.int(), roles: z.array(z.int()) })), [], {
    setBy: 'roles',
    audited: 'always',
    endsSessions: 'any change',
    isGrant: true,
  }),
  /** The account group of requests without `aid`. */
  loginAccountGroup: special(z.nullable(z.int()), null, { setBy: 'users', audited: 'always' }),
  /** By `postern-…` or `<apiId>/<section>`. */
  permissions: special(
    z.record(z.enum(permissionLevels)),
    {},
    { setBy: 'users', audited: 'always', isGrant: true },
  ),
  /** `<apiId> <METHOD> <path>`, e.g. `api_… GET /orders/*`. */
  endpoints: special(z.array(z.string()), [], { setBy: 'users', audited: 'always', isGrant: true }),
  impersonation: special(z.enum(['none', 'full', 'selected']), 'none', {
    setBy: 'users',
    audited: 'always',
    endsSessions: 'any change',
    isGrant: true,
  }),
  /** User ids, for `selected`. */
  impersonationTargets: special(z.array(UserId), [], {
    setBy: 'users',
    audited: 'always',
    endsSessions: 'any change',
    isGrant: true,
  }),
  integrationVendor: special(z.nullable(z.string()), null, { setBy: 'users', audited: 'always' }),
  /** In addition to the limit of the organization; null = none. */
  rateLimitPerMinute: special(z.nullable(z.int()), null, {
    setBy: 'limits',
    audited: 'always',
    isGrant: true,
  }),
} as const satisfies Readonly<Record<string, Columns>>

type Row = Columns & {
  readonly form: 'text' | 'choice' | 'special'
  readonly bounds?: { readonly form: 'line' | 'prose'; readonly maximum: number }
  readonly options?: readonly [string, ...string[]]
  readonly schema: z.Shape<unknown>
  readonly initial: unknown
}
export type Rows = Readonly<Record<string, Row>>
type StoredShape<F extends Rows> = { -readonly [K in keyof F]: F[K]['schema'] }
export type Stored<F extends Rows> = { -readonly [K in keyof F]: z.output<F[K]['schema']> }

export type IdentityFields = Stored<typeof identityFields>
export type MembershipFields = Stored<typeof membershipFields>

const column = <F extends Rows>(rows: F, name: 'schema' | 'initial'): Record<string, unknown> =>
  Object.fromEntries(Object.entries(rows).map(([field, row]) => [field, row[name]]))

export const storedShape = <F extends Rows>(rows: F): StoredShape<F> =>
  column(rows, 'schema') as StoredShape<F>
/** The initial values of a new user. */
export const initialFields = <F extends Rows>(rows: F): Stored<F> => column(rows, 'initial') as Stored<F>

const namesOf = <F extends Rows>(rows: F): readonly (keyof F)[] => Object.keys(rows)
export const identityNames = namesOf(identityFields)
export const membershipNames = namesOf(membershipFields)

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** The given fields of an object, without undefined values. */
export const fieldsIn = <T extends object, K extends PropertyKey>(
  something: T,
  names: readonly K[],
): Given<Pick<T, K & keyof T>> =>
  Object.fromEntries(
    Object.entries(something).filter(
      ([name, value]) => value !== undefined && (names as readonly PropertyKey[]).includes(name),
    ),
  ) as Given<Pick<T, K & keyof T>>
