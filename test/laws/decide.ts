import { endpointRight, isStanding, managementRight, mayActAs, rightsWritten } from './rights.ts'
import type { Api, Binding, DoorRequest, Endpoint, Level, Membership, Proof, World } from './world.ts'

type Found = { readonly api: Api; readonly endpoint: Endpoint; readonly isBound: boolean } | null

const isUnder = (path: string, basePath: string): boolean =>
  basePath === '/' || path === basePath || path.startsWith(`${basePath}/`)

const endpointOf = ({ basePath }: Binding, { method, path }: Endpoint): Endpoint => ({
  method,
  path: basePath === '/' ? path : path.slice(basePath.length) || '/',
})

/** Which API a request is for, and which of its endpoints. */
export const apiAt = (world: World, request: DoorRequest): Found => {
  const { gatewayId, stage } = request.door
  const all = Object.values(world.apis).flatMap((api) => api.bindings.map((binding) => ({ api, binding })))
  const here = all.filter(({ binding }) => binding.gatewayId === gatewayId && binding.stage === stage)
  const [longest] = here
    .filter(({ binding }) => isUnder(request.path, binding.basePath))
    .sort((one, other) => other.binding.basePath.length - one.binding.basePath.length)
  if (longest !== undefined)
    return { api: longest.api, endpoint: endpointOf(longest.binding, request), isBound: true }
  const api = world.apis[world.defaultApi ?? '']
  // Only a gateway that nobody ever registered is the first organization's.
  if (api === undefined || world.registered.includes(gatewayId)) return null
  return { api, endpoint: { method: request.method, path: request.path }, isBound: false }
}

/** A request to Postern itself, by the management right that it needs and the account group that it names. */
export type OwnRequest = { readonly section: string; readonly level: Level; readonly aid: number | null }

type Expectation = 'pass' | 'refuse' | 'either'

export const isLockedOut = (world: World, { userId, actorId }: Proof): boolean =>
  [userId, actorId].some((id) => id !== null && world.users[id]?.lockedOut === true)

/** What the state of a credential or session lets through at all. */
export const standingOf = (world: World, proof: Proof): Expectation => {
  const { userId, organizationId, actorId } = proof
  const user = world.users[userId]
  const sameMembership = user?.memberships[organizationId]?.number === proof.membershipNumber
  if (proof.state === 'ended' || !sameMembership || !isStanding(user, organizationId)) return 'refuse'
  // "Both whitelists": the user's, and that of whoever acts as it.
  if (isLockedOut(world, proof)) return 'refuse'
  if (actorId !== null) {
    const actor = world.users[actorId]
    if (!isStanding(actor, organizationId) || !mayActAs(world, actorId, userId)) return 'refuse'
  }
  return proof.state === 'live' ? 'pass' : 'either'
}

const both = (one: Expectation, other: Expectation): Expectation => {
  if (one === 'refuse' || other === 'refuse') return 'refuse'
  return one === 'pass' && other === 'pass' ? 'pass' : 'either'
}

/** The account group that counts: a session may keep the one that it began in. */
const groupsThatMayCount = (proof: Proof, membership: Membership): (number | null)[] =>
  proof.kind === 'session' ? [...new Set([membership.loginGroup, proof.aid])] : [membership.loginGroup]

const agreed = (answers: readonly boolean[]): Expectation => {
  if (answers.every((answer) => answer)) return 'pass'
  return answers.some((answer) => answer) ? 'either' : 'refuse'
}

/** Does this request pass at the gateway? "A request passes if it is in the union of the grants, within the entitlement." */
export const expected = (world: World, proofId: string, request: DoorRequest): Expectation => {
  const proof = world.proofs[proofId]
  const membership = world.users[proof?.userId ?? '']?.memberships[proof?.organizationId ?? '']
  if (proof === undefined || membership === undefined) return 'refuse'
  const found = apiAt(world, request)
  if (found === null) return 'refuse'
  const { api, endpoint, isBound } = found
  // "The first organization's, and nobody else's": a share of its API does not reach there.
  if (!isBound && proof.organizationId !== world.first) return 'refuse'
  const isOwn = api.organizationId === proof.organizationId
  const fitsAudience =
    proof.audience === null ? proof.kind !== 'session' || isOwn : proof.audience.apiId === api.apiId
  if (!fitsAudience) return 'refuse'
  // The API was given another audience since: the model does not say what becomes of a session for the old one.
  const isSameAudience = proof.audience === null || proof.audience.uri === api.audience
  const held = groupsThatMayCount(proof, membership).map((aid) =>
    rightsWritten(world, proof.userId, proof.organizationId, aid).has(endpointRight(api.apiId, endpoint)),
  )
  return both(both(standingOf(world, proof), agreed(held)), isSameAudience ? 'pass' : 'either')
}

/**
 * Does this call of Postern's own API pass? In one account group, management reaches users there and nothing organization-wide, so
 * what is held there and not for all of them passes at some calls only.
 */
export const expectedAtPostern = (world: World, proofId: string, request: OwnRequest): Expectation => {
  const proof = world.proofs[proofId]
  const membership = world.users[proof?.userId ?? '']?.memberships[proof?.organizationId ?? '']
  if (proof === undefined || membership === undefined) return 'refuse'
  if (proof.actorId !== null || proof.audience !== null) return 'refuse'
  const right = managementRight(request.section, request.level)
  const holds = (aid: number | null) =>
    rightsWritten(world, proof.userId, proof.organizationId, aid).has(right)
  const isEverywhere = holds(null)
  const groups = request.aid === null ? groupsThatMayCount(proof, membership) : [request.aid]
  const isSomewhere = groups.some(holds)
  if (isEverywhere) return standingOf(world, proof)
  return both(standingOf(world, proof), isSomewhere ? 'either' : 'refuse')
}
