import type { OwnRequest } from './decide.ts'
import { apiAt, expected, expectedAtPostern, isLockedOut, standingOf } from './decide.ts'
import { groupsOf, isEntitled, isStanding, managementRight, placedIn, rightsWritten } from './rights.ts'
import { groupText, nameOf } from './step.ts'
import type { DoorRequest, User, World } from './world.ts'

/** What the system showed when it was asked. */
export type Observation =
  | {
      readonly at: 'gateway'
      readonly proofId: string
      readonly request: DoorRequest
      readonly passed: boolean
      /** The code of a refusal. */
      readonly code: string | null
      readonly context: Readonly<Record<string, string>>
    }
  | {
      readonly at: 'postern'
      readonly proofId: string
      readonly request: OwnRequest
      readonly passed: boolean
      /** Status and code of the answer. */
      readonly said: string
    }
  | {
      readonly at: 'explain'
      readonly proofId: string
      readonly request: DoorRequest
      readonly passed: boolean
      /** The authorizer's answer to the same request. */
      readonly authorizer: boolean
    }
  /** All pages of a list of users, in their order. */
  | { readonly at: 'list'; readonly proofId: string; readonly shown: readonly string[] }
  /** What a resource server hears of a token when it asks (RFC 7662). It asks from no address of the user's. */
  | { readonly at: 'verify'; readonly proofId: string; readonly passed: boolean }
  /** What concerns only the caller, for example `GET /v1/users/me`. */
  | { readonly at: 'self'; readonly proofId: string; readonly passed: boolean }
  /** What an organization reads in its audit of a deed that concerned it. */
  | {
      readonly at: 'audit'
      readonly organizationId: string
      readonly action: string
      readonly isNamed: boolean
    }

const doorText = ({ door, method, path }: DoorRequest): string =>
  `${method} ${path} at ${door.gatewayId}/${door.stage}`

const differs = (wanted: 'pass' | 'refuse' | 'either', passed: boolean): boolean =>
  wanted !== 'either' && (wanted === 'pass') !== passed

/** Does what the system showed agree with this world? A sentence when not. */
export const contradiction = (world: World, observation: Observation): string | null => {
  if (observation.at === 'audit') {
    const { organizationId, action, isNamed } = observation
    return isNamed ? null : `Walls: the audit of ${organizationId} does not say who did ${action}`
  }
  const proof = world.proofs[observation.proofId]
  const who =
    proof === undefined
      ? observation.proofId
      : `${proof.kind} ${proof.proofId} of ${nameOf(world, proof.userId)} in ${proof.organizationId}${proof.actorId === null ? '' : `, acted by ${nameOf(world, proof.actorId)}`} (${proof.state})`
  if (observation.at === 'list') return listed(world, observation, who)
  const verdict = observation.passed ? 'passed' : 'was refused'
  switch (observation.at) {
    case 'gateway': {
      const wanted = expected(world, observation.proofId, observation.request)
      if (differs(wanted, observation.passed))
        return `${lawOf(world, observation)}: ${doorText(observation.request)} ${verdict} (${observation.code ?? 'ok'}) with ${who}; the model says ${wanted}`
      return namesBoth(world, observation, who)
    }
    case 'postern': {
      const { section, level, aid } = observation.request
      const wanted = expectedAtPostern(world, observation.proofId, observation.request)
      return differs(wanted, observation.passed)
        ? `Deciding alike: ${section} ${level} in ${groupText(aid)} ${verdict} (${observation.said}) with ${who}; the model says ${wanted}`
        : null
    }
    case 'explain':
      return observation.passed === observation.authorizer
        ? null
        : `Deciding alike: explain says ${observation.passed ? 'allowed' : 'refused'} for ${doorText(observation.request)} of ${who}, and the authorizer the contrary`
    case 'verify': {
      const lives = proof !== undefined && standingOf(world, proof) !== 'refuse'
      return observation.passed && !lives && !(proof && isLockedOut(world, proof))
        ? `No way back: the verify call says that ${who} is active`
        : null
    }
    case 'self': {
      const isStill =
        proof !== undefined &&
        proof.state !== 'ended' &&
        proof.actorId === null &&
        proof.audience === null &&
        !isLockedOut(world, proof) &&
        isStanding(world.users[proof.userId], proof.organizationId)
      return observation.passed && !isStill ? `Acting or No way back: ${who} was served for itself` : null
    }
  }
}

/**
 * "Management held in one account group reaches users placed only there": whoever lists users sees each of these once, page by page, and
 * nobody else. Who is invited may be shown or not, also after the invitation has ended.
 */
const listed = (
  world: World,
  { proofId, shown }: Extract<Observation, { at: 'list' }>,
  who: string,
): string | null => {
  const proof = world.proofs[proofId]
  if (proof === undefined) return null
  const { userId, organizationId } = proof
  const holds = (aid: number | null) =>
    rightsWritten(world, userId, organizationId, aid).has(managementRight('postern-users', 'read'))
  const groups = groupsOf(world, organizationId).filter(holds)
  const isReached = (user: User): boolean =>
    groups.includes(null) ||
    placedIn(user, organizationId).every((aid) => aid !== null && groups.includes(aid))
  const statusOf = (user: User) => user.memberships[organizationId]?.status
  const mayBeShown = Object.values(world.users).filter(
    (user) => statusOf(user) !== undefined && isReached(user),
  )
  const twice = shown.find((one, index) => shown.indexOf(one) !== index)
  const beyond = shown.find((one) => !mayBeShown.some((user) => user.userId === one))
  const mustBeShown = mayBeShown.filter((user) => !['invited', 'uninvited'].includes(statusOf(user) ?? ''))
  const missing = mustBeShown.find(({ userId: one }) => !shown.includes(one))
  if (twice !== undefined) return `Scope: a list of ${who} shows ${nameOf(world, twice)} twice`
  if (beyond !== undefined)
    return `Scope: a list of ${who} shows ${nameOf(world, beyond)}, whom it does not reach`
  return missing === undefined ? null : `Scope: no page of a list of ${who} shows ${missing.username}`
}

/** Which law says it, when a request passed that must not. */
const lawOf = (
  world: World,
  { proofId, request, passed }: Extract<Observation, { at: 'gateway' }>,
): string => {
  const proof = world.proofs[proofId]
  const membership = world.users[proof?.userId ?? '']?.memberships[proof?.organizationId ?? '']
  if (!passed || proof === undefined) return 'Deciding alike'
  if (proof.state === 'ended' || membership?.number !== proof.membershipNumber) return 'No way back'
  if (proof.actorId !== null) return 'Acting'
  if (membership.status === 'suspended') return 'No takeover'
  const found = apiAt(world, request)
  const isReached = found?.isBound || proof.organizationId === world.first
  const isWithin = found !== null && isReached && isEntitled(found.api, proof.organizationId, found.endpoint)
  return found !== null && (!isWithin || membership.status === 'invited') ? 'Walls' : 'Deciding alike'
}

/** "The audit, context and usage name both." */
const namesBoth = (
  world: World,
  observation: Extract<Observation, { at: 'gateway' }>,
  who: string,
): string | null => {
  const proof = world.proofs[observation.proofId]
  if (!observation.passed || proof === undefined) return null
  const { userId, actorId, organizationId } = observation.context
  const isNamed =
    userId === proof.userId && organizationId === proof.organizationId && (actorId ?? null) === proof.actorId
  return isNamed ? null : `Acting: the context of ${who} names ${JSON.stringify(observation.context)}`
}
