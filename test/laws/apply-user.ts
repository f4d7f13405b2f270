import type { Answer } from './answer.ts'
import { answered } from './answer.ts'
import type { UserFields, Wanted } from './operation.ts'
import { userNamed } from './rights.ts'
import type { Grants, Membership, Proof, User, World } from './world.ts'
import { noGrants } from './world.ts'

export type Change = {
  readonly world: World
  readonly caller: Proof | null
  readonly answer: Answer
}

const fresh = (world: World): number => {
  world.next += 1
  return world.next
}

const isGiven = <T>(value: T | undefined): value is T => value !== undefined

/** What a request wants to give; `deny` is absence. */
const grantsFor = (wanted: Wanted): Grants => {
  const permissions = wanted.permissions ?? []
  const sections = permissions.flatMap(({ api, section, level }) =>
    api === null || level === 'deny' ? [] : [{ api, section, level }],
  )
  const management = Object.fromEntries(
    permissions.flatMap(({ api, section, level }) =>
      api !== null || level === 'deny' ? [] : [[section, level] as const],
    ),
  )
  const endpoints = (wanted.endpoints ?? []).map(({ api, pattern }) => ({ api, pattern }))
  return {
    everything: false,
    dashboards: false,
    everySection: (wanted.everySection ?? []).map(({ text: _, ...every }) => every),
    sections,
    management,
    endpoints,
    acts: noGrants.acts,
  }
}

/** Fields that are left out stay as they are. */
const changedGrants = (before: Grants, wanted: Wanted): Grants => {
  const now = grantsFor(wanted)
  return {
    everything: before.everything,
    dashboards: before.dashboards,
    everySection: isGiven(wanted.everySection) ? now.everySection : before.everySection,
    sections: isGiven(wanted.permissions) ? now.sections : before.sections,
    management: isGiven(wanted.permissions) ? now.management : before.management,
    endpoints: isGiven(wanted.endpoints) ? now.endpoints : before.endpoints,
    acts: before.acts,
  }
}

/** What a role gives after a request; unlike a user's, its grants say whom its holders may act as. Targets go with `selected`. */
export const changedRole = (before: Grants, wanted: Wanted): Grants => {
  const impersonation = wanted.impersonation ?? before.acts.impersonation
  const targets = impersonation === 'selected' ? (wanted.impersonationTargets ?? before.acts.targets) : []
  return { ...changedGrants(before, wanted), acts: { impersonation, targets: [...targets] } }
}

const newMembership = (world: World, status: Membership['status']): Membership => ({
  number: fresh(world),
  status,
  disabled: false,
  loginGroup: null,
  roles: [],
  own: noGrants,
  impersonation: 'none',
  targets: [],
})

const changeMembership = (membership: Membership, fields: UserFields): void => {
  const { roles, impersonation, impersonationTargets, loginAccountGroup } = fields
  membership.own = changedGrants(membership.own, fields)
  if (isGiven(roles))
    membership.roles = [
      ...membership.roles.filter(({ aid }) => aid !== null),
      ...roles.map((roleId) => ({ roleId, aid: null })),
    ]
  if (isGiven(impersonation)) membership.impersonation = impersonation
  if (isGiven(impersonationTargets)) membership.targets = [...impersonationTargets]
  if (isGiven(loginAccountGroup)) membership.loginGroup = loginAccountGroup
}

const proofsOf = (world: World, userId: string): Proof[] =>
  Object.values(world.proofs).filter((proof) => proof.userId === userId || proof.actorId === userId)

export const end = (proof: Proof): void => {
  proof.state = 'ended'
}

/** Sessions of the user, and those in which it acts or is acted as. */
export const doubtSessions = (world: World, userId: string): void => {
  for (const proof of proofsOf(world, userId))
    if (proof.kind === 'session' && proof.state === 'live') proof.state = 'unsure'
}
export const endSessions = (world: World, userId: string): void => {
  for (const proof of proofsOf(world, userId)) if (proof.kind === 'session') end(proof)
}

/** "Whenever the impersonation of a user, or of a role that it has for all account groups, changes, the tokens with which it acts have ended." */
export const endActing = (world: World, userId: string): void => {
  for (const proof of Object.values(world.proofs)) if (proof.actorId === userId) end(proof)
}

/** "When anybody but the user changes what proves it, its memberships elsewhere are suspended." */
export const suspend = ({ world, caller }: Change, user: User): void => {
  if (caller?.userId === user.userId) return
  for (const membership of Object.values(user.memberships)) {
    if (membership.status === 'guest') membership.status = 'suspended'
    if (membership.status === 'invited') membership.status = 'uninvited'
  }
  doubtSessions(world, user.userId)
}

export const addProof = (
  world: World,
  proof: Pick<Proof, 'proofId' | 'kind' | 'userId'> & Partial<Proof>,
): void => {
  const user = world.users[proof.userId]
  const organizationId = proof.organizationId ?? user?.home ?? ''
  const membership = user?.memberships[organizationId]
  world.proofs[proof.proofId] = {
    organizationId,
    membershipNumber: membership?.number ?? 0,
    audience: null,
    actorId: null,
    aid: proof.kind === 'session' ? (membership?.loginGroup ?? null) : null,
    openedBy: null,
    state: 'live',
    ...proof,
  }
}

export const addCredential = (change: Change, userId: string): void => {
  const { credential } = answered(change.answer)
  if (credential !== undefined)
    addProof(change.world, { proofId: credential.keyId, kind: credential.kind, userId })
}

type NewUser = {
  readonly username: string
  readonly fields: UserFields
  readonly password?: string | undefined
  readonly groupRoles?: readonly { roleId: number; aid: number | null }[]
}

/** A new user at home here; or, when somebody elsewhere has that name, a membership that is not accepted yet. */
export const createOrInvite = (
  change: Change,
  { username, fields, password, groupRoles = [] }: NewUser,
): void => {
  const { world, caller, answer } = change
  const organizationId = caller?.organizationId ?? ''
  const known = userNamed(world, username)
  const shown = answered(answer).user
  const membership = newMembership(world, known === undefined ? 'home' : 'invited')
  changeMembership(membership, fields)
  membership.roles.push(...groupRoles)
  membership.loginGroup = shown?.loginAccountGroup ?? fields.loginAccountGroup ?? null
  if (known !== undefined) {
    known.memberships[organizationId] = membership
    addCredential(change, known.userId)
    return
  }
  const userId = shown?.userId ?? answer.userId ?? `unknown ${fresh(world)}`
  world.users[userId] = {
    userId,
    username,
    home: organizationId,
    status: fields.status ?? 'active',
    email: fields.email ?? null,
    password: password ?? null,
    lockedOut: (fields.whitelist ?? []).length > 0,
    memberships: { [organizationId]: membership },
  }
  addCredential(change, userId)
}

export const changeUser = (change: Change, userId: string, fields: UserFields): void => {
  const { world, caller } = change
  const user = world.users[userId]
  const organizationId = caller?.organizationId ?? ''
  if (user === undefined) return
  const membership = user.memberships[organizationId]
  if (membership !== undefined) {
    const acts = () => JSON.stringify([membership.impersonation, membership.targets])
    const before = acts()
    changeMembership(membership, fields)
    if (acts() !== before && organizationId === user.home) endActing(world, userId)
  }
  const isEnabled = fields.status === 'active' && user.status === 'disabled'
  if (fields.status !== undefined) {
    if (membership === undefined || organizationId === user.home) user.status = fields.status
    else membership.disabled = fields.status === 'disabled'
  }
  if (fields.username !== undefined) user.username = fields.username
  if (fields.whitelist !== undefined) user.lockedOut = fields.whitelist.length > 0
  if (fields.email !== undefined && fields.email !== user.email) {
    user.email = fields.email
    suspend(change, user)
  }
  // "Each user's rights ⊆ its rights before ∪ what c holds": home does not hold what the user may do elsewhere.
  if (isEnabled) suspend(change, user)
  const isDisabledAtHome = fields.status === 'disabled' && organizationId === user.home
  if (isDisabledAtHome) endSessions(world, userId)
  else doubtSessions(world, userId)
}

export const endMembership = (world: World, user: User, organizationId: string): void => {
  const membership = user.memberships[organizationId]
  delete user.memberships[organizationId]
  for (const proof of proofsOf(world, user.userId))
    if (proof.membershipNumber === membership?.number && proof.userId === user.userId) end(proof)
}

export const deleteUser = ({ world, caller }: Change, userId: string): void => {
  const user = world.users[userId]
  if (user === undefined) return
  const organizationId = caller?.organizationId ?? ''
  const isGuestHere = organizationId !== user.home && user.memberships[organizationId] !== undefined
  if (isGuestHere) {
    endMembership(world, user, organizationId)
    return
  }
  for (const proof of proofsOf(world, userId)) end(proof)
  delete world.users[userId]
}

export const endCredential = (world: World, keyId: string): void => {
  for (const proof of Object.values(world.proofs))
    if (proof.proofId === keyId || proof.openedBy === keyId) end(proof)
}

export const openSession = (
  world: World,
  { session }: Answer,
  userId: string,
  with_: Partial<Proof>,
): void => {
  if (session === undefined) return
  addProof(world, { ...with_, proofId: session, kind: 'session', userId })
  const opened = world.proofs[session]
  const opener = world.proofs[opened?.openedBy ?? '']
  // A credential that was just ended opens nothing that lives.
  if (opened !== undefined && opener?.state === 'ended') opened.state = 'ended'
}

export const createOrganization = (change: Change, _name: string, username: string): void => {
  const { world, answer } = change
  const { organization, user } = answered(answer)
  if (organization === undefined || user === undefined) return
  const { organizationId } = organization
  world.organizations[organizationId] = { groups: [] }
  const membership = newMembership(world, 'home')
  membership.roles = [{ roleId: 1, aid: null }]
  membership.loginGroup = user.loginAccountGroup
  if (membership.loginGroup !== null) world.organizations[organizationId]?.groups.push(membership.loginGroup)
  world.users[user.userId] = {
    userId: user.userId,
    username,
    home: organizationId,
    status: 'active',
    email: null,
    password: null,
    lockedOut: false,
    memberships: { [organizationId]: membership },
  }
  addCredential(change, user.userId)
}
