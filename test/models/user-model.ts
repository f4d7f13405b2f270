/** What is to be true of users and their memberships, in few words: docs/access.md and docs/storage.md in place of the code. Times in ms. */
type Membership = {
  status: 'home' | 'invited' | 'guest' | 'suspended'
  until: number | null
  isAdministrator: boolean
}
export type User = {
  readonly home: string
  username: string
  email: string | null
  isVerified: boolean
  isOn: boolean
  hasPassword: boolean
  /** Of each key or token: does it end by itself, and is it enabled? */
  readonly credentials: Record<string, { readonly ends: boolean; isOn: boolean }>
  readonly memberships: Record<string, Membership>
  /** The link to choose a password that was made last. */
  link: { readonly madeAt: number; readonly email: string | null; isMailed: boolean } | null
}
export type Model = {
  now: number
  readonly users: Record<string, User>
  /** Everybody who was ever made. */
  readonly ever: string[]
  readonly audit: string[]
}

export const day = 86_400_000
const invitationLasts = 7 * day
const linkLasts = 1_000_000

const values = <T>(record: Readonly<Record<string, T>>): T[] => Object.values(record)

export const find = ({ users }: Readonly<Model>, name: string): User => {
  const user = users[name]
  if (user === undefined) throw new Error(`there is no user ${name}`)
  return user
}

const same = (one: string | null, other: string | null): boolean =>
  one?.toLowerCase() === other?.toLowerCase()

const holderOf = ({ users }: Readonly<Model>, username: string): User | undefined =>
  values(users).find((user) => same(user.username, username))

/** Whoever can put everything right in an organization, and can always get in. */
const isAdministratorOf = (organization: string, user: User | undefined): boolean => {
  if (user === undefined || !user.isOn || user.home !== organization) return false
  const hasKey = values(user.credentials).some(({ ends, isOn }) => isOn && !ends)
  return (
    user.memberships[organization]?.isAdministrator === true &&
    (hasKey || user.hasPassword || user.email !== null)
  )
}

const administratorsOf = ({ users }: Readonly<Model>, organization: string): number =>
  values(users).filter((user) => isAdministratorOf(organization, user)).length

/** Changes a user, unless that takes the last administrator away. */
const changed = (model: Model, name: string, change: (user: User) => void, audited: string): string => {
  const user = find(model, name)
  const after = structuredClone(user)
  change(after)
  const loses = isAdministratorOf(user.home, user) && !isAdministratorOf(user.home, after)
  if (loses && administratorsOf(model, user.home) === 1) return 'last_administrator'
  model.users[name] = after
  model.audit.push(`${user.home} ${audited}`)
  return 'ok'
}

/** Somebody else than the user could be the user from now on: other organizations must confirm it. */
const suspend = (model: Model, name: string, by: string): void => {
  const { home, memberships } = find(model, name)
  if (by === name) return
  for (const [organization, membership] of Object.entries(memberships)) {
    const isOpen =
      membership.status === 'guest' ||
      (membership.status === 'invited' && (membership.until ?? 0) > model.now)
    if (organization === home || !isOpen) continue
    if (membership.status === 'invited') membership.until = model.now
    else membership.status = 'suspended'
    model.audit.push(`${organization} guest.suspended`)
  }
}

const atHome = (
  model: Readonly<Model>,
  organization: string,
  name: string,
): 'not_found' | 'guest_not_editable' | null => {
  const user = model.users[name]
  if (user?.memberships[organization] === undefined) return 'not_found'
  return user.home === organization ? null : 'guest_not_editable'
}

export type NewUser = {
  readonly username: string
  readonly email: string | null
  readonly isAdministrator: boolean
  readonly isOn: boolean
  readonly proof: 'none' | 'token' | 'password'
}

export const create = (model: Model, name: string, organization: string, asked: NewUser): string => {
  const { username, email, isAdministrator, isOn, proof } = asked
  const holder = holderOf(model, username)
  if (holder === undefined) {
    model.users[name] = {
      ...{ home: organization, username, email, isOn, isVerified: false, link: null },
      hasPassword: proof === 'password',
      credentials: proof === 'token' ? { [`${name}.first`]: { ends: false, isOn: true } } : {},
      memberships: { [organization]: { status: 'home', until: null, isAdministrator } },
    }
    model.ever.push(name)
    model.audit.push(`${organization} user.created`)
    return 'ok'
  }
  if (holder.memberships[organization] !== undefined || proof !== 'none') return 'username_taken'
  holder.memberships[organization] = {
    status: 'invited',
    until: model.now + invitationLasts,
    isAdministrator,
  }
  model.audit.push(`${organization} guest.invited`, `${holder.home} guest.invited`)
  return 'ok'
}

export const rename = (model: Model, organization: string, name: string, username: string): string => {
  const refused = atHome(model, organization, name)
  if (refused !== null) return refused
  const holder = holderOf(model, username)
  if (holder !== undefined && holder !== model.users[name]) return 'username_taken'
  const set = (user: User) => {
    user.username = username
  }
  return changed(model, name, set, 'user.changed')
}

export const readdress = (
  model: Model,
  organization: string,
  name: string,
  email: string | null,
  by: string,
): string => {
  const refused = atHome(model, organization, name)
  if (refused !== null) return refused
  const before = find(model, name).email
  const set = (user: User) => {
    if (user.email === email) return
    user.email = email
    user.isVerified = false
    user.link = null
  }
  const answer = changed(model, name, set, 'user.changed')
  if (answer === 'ok' && !same(before, email)) suspend(model, name, by)
  return answer
}

export const turn = (model: Model, organization: string, name: string, isOn: boolean, by: string): string => {
  const refused = atHome(model, organization, name)
  if (refused !== null) return refused
  const wasOn = find(model, name).isOn
  const set = (user: User) => {
    if (user.isOn && !isOn) user.link = null
    user.isOn = isOn
  }
  const answer = changed(model, name, set, 'user.changed')
  if (answer === 'ok' && isOn && !wasOn) suspend(model, name, by)
  return answer
}

export const appoint = (
  model: Model,
  organization: string,
  name: string,
  isAdministrator: boolean,
): string => {
  const user = model.users[name]
  const membership = user?.memberships[organization]
  if (user === undefined || membership === undefined) return 'not_found'
  if (user.home !== organization) {
    membership.isAdministrator = isAdministrator
    model.audit.push(`${organization} user.changed`)
    return 'ok'
  }
  const set = ({ memberships }: User) => {
    memberships[organization] = { ...membership, isAdministrator }
  }
  return changed(model, name, set, 'user.changed')
}

const loseMembership = (model: Model, organization: string, name: string, audited: string): string => {
  const user = find(model, name)
  delete user.memberships[organization]
  model.audit.push(`${organization} ${audited}`, `${user.home} ${audited}`)
  return 'ok'
}

export const remove = (model: Model, organization: string, name: string, by: string): string => {
  const user = model.users[name]
  if (user?.memberships[organization] === undefined) return 'not_found'
  if (by === name) return 'self_lockout'
  if (user.home !== organization) return loseMembership(model, organization, name, 'guest.removed')
  if (isAdministratorOf(organization, user) && administratorsOf(model, organization) === 1)
    return 'last_administrator'
  delete model.users[name]
  model.audit.push(`${organization} user.deleted`)
  for (const other of Object.keys(user.memberships))
    if (other !== organization) model.audit.push(`${other} guest.removed`)
  return 'ok'
}

export const accept = (model: Model, organization: string, name: string): string => {
  const user = model.users[name]
  const membership = user?.memberships[organization]
  if (user === undefined || membership === undefined || membership.status === 'suspended') return 'not_found'
  if (membership.status !== 'invited') return 'ok'
  if ((membership.until ?? 0) <= model.now) return 'not_found'
  membership.status = 'guest'
  membership.until = null
  user.link = null
  model.audit.push(`${organization} guest.accepted`, `${user.home} guest.accepted`)
  return 'ok'
}

export const leave = (model: Model, organization: string, name: string): string => {
  const user = model.users[name]
  if (user?.memberships[organization] === undefined) return 'not_found'
  if (user.home === organization) return 'self_lockout'
  return loseMembership(model, organization, name, 'guest.left')
}

export const confirm = (model: Model, organization: string, name: string): string => {
  const user = model.users[name]
  const membership = user?.memberships[organization]
  if (user === undefined || membership?.status !== 'suspended') return 'not_found'
  membership.status = 'guest'
  user.link = null
  model.audit.push(`${organization} guest.confirmed`, `${user.home} guest.confirmed`)
  return 'ok'
}

export const equip = (
  model: Model,
  organization: string,
  name: string,
  credential: { readonly name: string; readonly ends: boolean },
  by: string,
): string => {
  const refused = atHome(model, organization, name)
  if (refused !== null) return refused
  const set = ({ credentials }: User) => {
    credentials[credential.name] = { ends: credential.ends, isOn: true }
  }
  const answer = changed(model, name, set, 'credential.created')
  suspend(model, name, by)
  return answer
}

export type Taking = 'deleted' | 'disabled' | 'enabled'

export const take = (
  model: Model,
  organization: string,
  name: string,
  credential: string,
  deed: Taking,
  by: string,
): string => {
  // Everybody takes from itself, wherever it is; to enable is to give.
  const isOwn = by === name && deed !== 'enabled'
  const refused = isOwn ? null : atHome(model, organization, name)
  if (refused !== null) return refused
  const before = model.users[name]?.credentials[credential]
  if (before === undefined) return 'not_found'
  if (deed !== 'deleted' && before.isOn === (deed === 'enabled')) return 'ok'
  const set = ({ credentials }: User) => {
    if (deed === 'deleted') delete credentials[credential]
    else credentials[credential] = { ...before, isOn: deed === 'enabled' }
  }
  const answer = changed(model, name, set, `credential.${deed}`)
  if (answer === 'ok' && deed === 'enabled') suspend(model, name, by)
  return answer
}

export const makeLink = (model: Model, organization: string, name: string, by: string): string => {
  if (by === name) return 'access_denied'
  const refused = atHome(model, organization, name)
  if (refused !== null) return refused
  const user = find(model, name)
  if (!user.isOn) return 'invalid_request'
  user.link = { madeAt: model.now, email: user.email, isMailed: false }
  suspend(model, name, by)
  model.audit.push(`${organization} password-reset.link-made`)
  return 'ok'
}

export const choosePassword = (model: Model, name: string): string => {
  const user = model.users[name]
  if (user?.link == null || !user.isOn) return 'reset_token_invalid'
  const { madeAt, email, isMailed } = user.link
  if (model.now >= madeAt + linkLasts || email !== user.email) return 'reset_token_invalid'
  const set = (after: User) => {
    after.hasPassword = true
    after.isVerified = after.isVerified || isMailed
    after.link = null
  }
  return changed(model, name, set, 'password.reset')
}

/** Everything that is stored about users, and nothing else is. */
export const stateOf = (model: Readonly<Model>, organizations: readonly string[]) => {
  const users = Object.entries(model.users).sort(([one], [other]) => (one < other ? -1 : 1))
  const credentials = users.flatMap(([, user]) => Object.entries(user.credentials))
  return {
    users: Object.fromEntries(
      users.map(([name, user]) => {
        const { home, username, email, isVerified, isOn } = user
        const memberships = Object.entries(user.memberships).map(([organization, membership]) => [
          organization,
          { ...membership, listedAs: username.toLowerCase() },
        ])
        return [
          name,
          { home, username, email, isVerified, isOn, memberships: Object.fromEntries(memberships) },
        ]
      }),
    ),
    usernames: users.map(([name, user]) => `${user.username.toLowerCase()} ${name} ${user.home}`).sort(),
    addresses: users
      .flatMap(([name, { email, home, isVerified }]) =>
        email === null ? [] : [`${email.toLowerCase()} ${name} ${home} ${isVerified}`],
      )
      .sort(),
    numbers: [...model.ever].sort(),
    passwords: users.filter(([, user]) => user.hasPassword).map(([name]) => name),
    links: users.filter(([, user]) => user.link !== null).map(([name]) => name),
    credentials: credentials.map(([name]) => name).sort(),
    awaited: credentials
      .filter(([, { ends }]) => ends)
      .map(([name]) => name)
      .sort(),
    administrators: organizations.map((organization) => administratorsOf(model, organization)),
    audit: [...model.audit].sort(),
    wrong: [],
  }
}
