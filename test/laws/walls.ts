import { succeeded } from './answer.ts'
import { needOf } from './operation.ts'
import { isAdministrator, isStanding } from './rights.ts'
import type { Law, Step } from './step.ts'
import type { World } from './world.ts'

/** Everything that belongs to an organization, by name: who owns it, and what it is. */
const belongings = (world: World): Map<string, { readonly owner: string; readonly text: string }> => {
  const things = new Map<string, { readonly owner: string; readonly text: string }>()
  const put = (name: string, owner: string, thing: unknown) =>
    things.set(name, { owner, text: JSON.stringify(thing) })
  for (const user of Object.values(world.users)) {
    const { memberships, ...identity } = user
    put(`user ${user.userId}`, user.home, identity)
    for (const [organizationId, membership] of Object.entries(memberships))
      put(`membership ${user.userId} ${organizationId}`, organizationId, membership)
  }
  for (const [key, grants] of Object.entries(world.roles)) put(`role ${key}`, key.split('/')[0] ?? '', grants)
  for (const [organizationId, groups] of Object.entries(world.organizations))
    put(`groups ${organizationId}`, organizationId, groups)
  for (const api of Object.values(world.apis)) {
    const { shares, bindings, ...rest } = api
    put(`api ${api.apiId}`, api.organizationId, rest)
    put(`bindings ${api.apiId}`, api.organizationId, bindings)
    for (const [organizationId, share] of Object.entries(shares))
      put(`share ${api.apiId} ${organizationId}`, api.organizationId, share)
  }
  for (const proof of Object.values(world.proofs))
    if (proof.kind !== 'session')
      put(`credential ${proof.userId} ${proof.proofId}`, world.users[proof.userId]?.home ?? '', {
        ended: proof.state === 'ended',
      })
  return things
}

const isWayThroughWall = (step: Step, thing: string): boolean => {
  const { before, after, caller, operation } = step
  const [kind, id = '', organizationId = ''] = thing.split(' ')
  const byFirst = caller?.organizationId === before.first
  const isOfCaller = id === caller?.userId
  const user = before.users[id]
  switch (kind) {
    case 'membership': {
      const isHomeOfCaller = user?.home === caller?.organizationId
      const now = after.users[id]?.memberships[organizationId]
      const wasSuspended = ['suspended', 'uninvited'].includes(now?.status ?? '')
      const ownWay = ['accept', 'leave'].includes(operation.kind) && isOfCaller
      const wentWithUser = operation.kind === 'delete-user' && after.users[id] === undefined
      return ownWay || (isHomeOfCaller && (wasSuspended || wentWithUser))
    }
    // A user changes what proves it from wherever it is logged in to.
    case 'user':
    case 'credential':
      return isOfCaller || (operation.kind === 'create-organization' && byFirst)
    case 'share': {
      const isEndedByOther = operation.kind === 'unshare' && organizationId === caller?.organizationId
      return isEndedByOther || (operation.kind === 'hand-over' && byFirst)
    }
    case 'api':
      return operation.kind === 'hand-over' && byFirst
    case 'bindings':
      return ['bind', 'hand-over'].includes(operation.kind) && byFirst
    default:
      return operation.kind === 'create-organization' && byFirst
  }
}

/** Walls: "nothing that the callers of one organization do changes, reads or uses what belongs to another". */
export const walls: Law = (step) => {
  const { before, after, caller, operation, answer } = step
  if (caller === null) return null
  if (operation.kind === 'create-organization' && succeeded(answer)) return firstOnly(step)
  const then = belongings(before)
  const now = belongings(after)
  for (const name of new Set([...then.keys(), ...now.keys()])) {
    const was = then.get(name)
    const is = now.get(name)
    if (was?.text === is?.text && was?.owner === is?.owner) continue
    // The credentials of a user that is gone are nobody's.
    const owners = [was?.owner, is?.owner].filter((owner) => owner !== undefined && owner !== '')
    const isForeign = owners.some((owner) => owner !== caller.organizationId)
    if (isForeign && !isWayThroughWall(step, name))
      return `a caller of ${caller.organizationId} changed ${name}, which belongs to ${owners.join(', then ')}`
  }
  return readsOnlyItsOwn(step) ?? firstOnly(step) ?? claimsOnlyWhatIsFree(step)
}

const readsOnlyItsOwn = ({ before, caller, operation, answer }: Step): string | null => {
  if (operation.kind !== 'look' || !succeeded(answer) || caller === null) return null
  const { organizationId } = caller
  const api = before.apis[operation.id]
  const mayLook =
    operation.what === 'api'
      ? api === undefined || api.organizationId === organizationId || api.shares[organizationId] !== undefined
      : before.users[operation.id]?.memberships[organizationId] !== undefined
  return mayLook ? null : `a caller of ${organizationId} read ${operation.what} ${operation.id} of another`
}

/** "Gateways are bound by administrators of the first organization only. Nobody else can claim, or take over, a gateway." */
const firstOnly = (step: Step): string | null => {
  const { before, caller, operation, answer } = step
  if (needOf(operation) !== 'first-administrator' || !succeeded(answer)) return null
  const isAllowed =
    caller !== null &&
    caller.organizationId === before.first &&
    isStanding(before.users[caller.userId], before.first) &&
    isAdministrator(before, caller.userId, before.first)
  return isAllowed
    ? null
    : `${operation.kind} was done by somebody who is no administrator of the first organization`
}

const claimsOnlyWhatIsFree = ({ before, operation, answer }: Step): string | null => {
  if (operation.kind !== 'bind' || !succeeded(answer)) return null
  const { gatewayId, stage, basePath } = operation
  const isTaken = Object.values(before.apis).some(({ bindings }) =>
    bindings.some(
      (other) => other.gatewayId === gatewayId && other.stage === stage && other.basePath === basePath,
    ),
  )
  return isTaken ? `${gatewayId} ${stage} ${basePath} was claimed twice` : null
}
