import * as z from 'zod/mini'
import { permissionLevels } from '../decision/section.ts'

/**
 * The fields of a user, one row each. Derived from these two tables: the stored items, the bodies that create and change a user, the
 * answer that shows it, and what the audit keeps. A field that is text or a choice is whole with its row; a `special` one needs its
 * schemas in `lib/users/user-shape.ts` (the compiler says which), and what it does in `lib/users/given-fields.ts`.
 */

type Columns = {
  /**
   * Whose requests set it: those that manage users (`POST` and `PATCH /v1/users`), those that replace roles, those that set limits; or
   * only Postern itself.
   */
  readonly setBy: 'users' | 'roles' | 'limits' | 'postern'
  /** Its changes are in the audit in any case; `always`: so is its value when the user is created or deleted. */
  readonly audited: 'always' | 'changes'
  /** Session tokens that were issued before are refused: after any change of it, or once it becomes `disabled`. */
  readonly endsSessions?: 'any change' | 'disabled'
  /** Something that is granted: everybody may take it away, and only those who hold it may give it. */
  readonly isGrant?: true
  /** In the OpenAPI document. */
  readonly about?: string
}

/** Besides its home, `hosts`: the organizations whose invitation the user has accepted. Others are shown what a new user has. */
export type Audience = 'home' | 'hosts' | 'everybody'
type IdentityColumns = Columns & { readonly shownTo: Audience }

/** Text that is nothing but text. An item that was stored before its row was there has none. */
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

/** A new user has the first of them. */
const choice = <const O extends readonly [string, ...string[]], const C extends Columns>(
  options: O,
  columns: C,
) => {
  const schema = z.enum(options)
  if (columns.about !== undefined) schema.register(z.globalRegistry, { description: columns.about })
  return { ...columns, form: 'choice' as const, schema, initial: options[0] as O[number] }
}

const special = <S extends z.ZodMiniType, const C extends Columns>(
  schema: S,
  initial: z.output<S>,
  columns: C,
) => ({ ...columns, form: 'special' as const, schema, initial })

/** Who the user is: fields of the user item. Its home sets them. */
export const identityFields = {
  username: special(z.string(), '', { setBy: 'users', shownTo: 'everybody', audited: 'always' }),
  email: special(z.nullable(z.string()), null, { setBy: 'users', shownTo: 'home', audited: 'changes' }),
  /** A link that was mailed to `email` was used. Until then the address gets link mails only. */
  emailVerified: special(z.boolean(), false, { setBy: 'postern', shownTo: 'home', audited: 'changes' }),
  firstName: line(200, { setBy: 'users', shownTo: 'hosts', audited: 'changes' }),
  lastName: line(200, { setBy: 'users', shownTo: 'hosts', audited: 'changes' }),
  /** The first and the last name, or the username, unless given. */
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
    about: '`api` may only call APIs; `dashboard` may also sign in to the console.',
  }),
  timezone: special(z.string(), 'UTC', { setBy: 'users', shownTo: 'hosts', audited: 'changes' }),
  location: line(200, {
    setBy: 'users',
    shownTo: 'home',
    audited: 'changes',
    about: "One of the organization's `locations`, once it has any; may be empty.",
  }),
  whitelist: special(z.array(z.string()), [], { setBy: 'users', shownTo: 'home', audited: 'always' }),
} as const satisfies Readonly<Record<string, IdentityColumns>>

/** What the user may do in one organization: fields of the membership item. That organization sets them, and no other sees them. */
export const placeFields = {
  /** Requests name them `role` or `roles`. Of a user that comes or goes, the audit has their names. */
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
  /** The account group of requests that name none. */
  loginAccountGroup: special(z.nullable(z.int()), null, { setBy: 'users', audited: 'always' }),
  /** By `postern-…` or `<apiId>/<section>`. */
  permissions: special(
    z.record(z.string(), z.enum(permissionLevels)),
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
  impersonationTargets: special(z.array(z.string()), [], {
    setBy: 'users',
    audited: 'always',
    endsSessions: 'any change',
    isGrant: true,
  }),
  integrationVendor: special(z.nullable(z.string()), null, { setBy: 'users', audited: 'always' }),
  /** Of this user alone, beside that of the organization; null = none of its own. */
  rateLimitPerMinute: special(z.nullable(z.int()), null, {
    setBy: 'limits',
    audited: 'always',
    isGrant: true,
  }),
} as const satisfies Readonly<Record<string, Columns>>

type Row = Columns & {
  readonly form: 'text' | 'choice' | 'special'
  readonly bounds?: { readonly form: 'line' | 'prose'; readonly maximum: number }
  readonly schema: z.ZodMiniType
  readonly initial: unknown
}
export type Rows = Readonly<Record<string, Row>>
type StoredShape<F extends Rows> = { -readonly [K in keyof F]: F[K]['schema'] }
export type Stored<F extends Rows> = { -readonly [K in keyof F]: z.output<F[K]['schema']> }

export type IdentityFields = Stored<typeof identityFields>
export type PlaceFields = Stored<typeof placeFields>

const column = <F extends Rows>(rows: F, name: 'schema' | 'initial'): Record<string, unknown> =>
  Object.fromEntries(Object.entries(rows).map(([field, row]) => [field, row[name]]))

export const storedShape = <F extends Rows>(rows: F): StoredShape<F> =>
  column(rows, 'schema') as StoredShape<F>
/** What a new user has unless something else is given. */
export const initialFields = <F extends Rows>(rows: F): Stored<F> => column(rows, 'initial') as Stored<F>

const namesOf = <F extends Rows>(rows: F): readonly (keyof F)[] => Object.keys(rows)
export const identityNames = namesOf(identityFields)
export const placeNames = namesOf(placeFields)

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** What something has of these fields; undefined is as good as left out. */
export const fieldsIn = <T extends object, K extends PropertyKey>(
  something: T,
  names: readonly K[],
): Given<Pick<T, K & keyof T>> =>
  Object.fromEntries(
    Object.entries(something).filter(
      ([name, value]) => value !== undefined && (names as readonly PropertyKey[]).includes(name),
    ),
  ) as Given<Pick<T, K & keyof T>>
