import { answered } from './answer.ts'
import { actingOf, groupsOf, isStanding, mayActAs, rightsHeld, rightsWritten } from './rights.ts'
import type { Law, Step } from './step.ts'
import { groupText, minus, nameOf, some } from './step.ts'
import type { World } from './world.ts'

/** What a user may do now, or may take by accepting what it was offered. Invitations count from the moment they are made. */
const rightsInLaw = (
  world: World,
  userId: string,
  organizationId: string,
  aid: number | null,
): Set<string> => {
  const user = world.users[userId]
  const membership = user?.memberships[organizationId]
  const isOffered = membership?.status === 'invited' && user?.status === 'active'
  return isOffered
    ? rightsWritten(world, userId, organizationId, aid)
    : rightsHeld(world, userId, organizationId, aid)
}

/** In an account group that is new, or of another organization, only what is held for all account groups counts. */
const sameGroup = (world: World, organizationId: string, aid: number | null): number | null =>
  groupsOf(world, organizationId).includes(aid) ? aid : null

const heldByCaller = (step: Step, organizationId: string, aid: number | null): Set<string> => {
  const { before, caller } = step
  if (caller === null) return new Set()
  const group = caller.organizationId === organizationId ? sameGroup(before, organizationId, aid) : null
  return rightsHeld(before, caller.userId, caller.organizationId, group)
}

/** The rights in an API that was made in this step: nobody can have held them. */
const inNewApi = (step: Step, right: string): boolean => {
  const { apiId } = answered(step.answer).api ?? {}
  return step.operation.kind === 'create-api' && apiId !== undefined && right.startsWith(`${apiId} `)
}

/**
 * No gain: "after an operation of caller c, each user's rights ⊆ its rights before ∪ what c holds, in the same account group".
 * What is new, the first organization's administrators make out of nothing: a new organization's administrator is exempt.
 */
export const noGain: Law = (step) => {
  const { before, after, operation } = step
  const newOrganization = answered(step.answer).organization?.organizationId
  for (const user of Object.values(after.users))
    for (const organizationId of Object.keys(user.memberships)) {
      const isNew = operation.kind === 'create-organization' && organizationId === newOrganization
      if (isNew) continue
      for (const aid of groupsOf(after, organizationId)) {
        const now = rightsInLaw(after, user.userId, organizationId, aid)
        const had = rightsInLaw(before, user.userId, organizationId, sameGroup(before, organizationId, aid))
        const gained = minus(now, had, heldByCaller(step, organizationId, aid)).filter(
          (right) => !inNewApi(step, right),
        )
        if (gained.length > 0)
          return `${user.username} gained ${some(gained)} in ${groupText(aid)} of ${organizationId}, which the caller does not hold`
      }
    }
  return null
}

type Control = { readonly userId: string; readonly by: string; readonly isActing: boolean }

const isOwnDoing = ({ caller, operation }: Step, userId: string): boolean =>
  caller?.userId === userId || operation.kind === 'reset-password'

const newControls = (step: Step): Control[] => {
  const { before, after } = step
  const controls: Control[] = []
  for (const proof of Object.values(after.proofs)) {
    const isCredential = proof.kind !== 'session' && before.proofs[proof.proofId] === undefined
    if (isCredential && before.users[proof.userId] !== undefined && !isOwnDoing(step, proof.userId))
      controls.push({ userId: proof.userId, by: 'a new credential', isActing: false })
  }
  for (const user of Object.values(after.users)) {
    const known = before.users[user.userId]
    if (known === undefined || isOwnDoing(step, user.userId)) continue
    if (known.email !== user.email) controls.push({ userId: user.userId, by: 'its e-mail', isActing: false })
    if (known.password !== user.password)
      controls.push({ userId: user.userId, by: 'its password', isActing: false })
  }
  return [...controls, ...newActors(step)]
}

/** Pairs that a change of impersonation made, of the user or of a role, or the giving of such a role. */
const newActors = ({ before, after }: Step): Control[] =>
  Object.values(after.users).flatMap((actor) => {
    const actingIn = (world: World) => JSON.stringify(actingOf(world, actor.userId, actor.home))
    if (actingIn(after) === actingIn(before)) return []
    return Object.keys(after.users)
      .filter((userId) => mayActAs(after, actor.userId, userId) && !mayActAs(before, actor.userId, userId))
      .filter((userId) => before.users[userId] !== undefined)
      .map((userId) => ({ userId, by: `${actor.username} acting as it`, isActing: true }))
  })

/** What those give whom a user may act as: acting as others is as good as holding what they hold. */
const rightsWithin = (world: World, userId: string, organizationId: string, aid: number | null) => {
  const rights = rightsWritten(world, userId, organizationId, aid)
  if (world.users[userId]?.home !== organizationId) return rights
  for (const targetId of Object.keys(world.users))
    if (mayActAs(world, userId, targetId))
      for (const right of rightsWritten(world, targetId, organizationId, aid)) rights.add(right)
  return rights
}

/** No takeover: control of a user needs that the caller holds all that it holds, everywhere, or that those memberships are suspended. */
export const noTakeover: Law = (step) => {
  const { before, after, caller } = step
  for (const { userId, by, isActing } of newControls(step)) {
    const user = before.users[userId]
    for (const organizationId of Object.keys(user?.memberships ?? {})) {
      const membership = after.users[userId]?.memberships[organizationId]
      // Nobody acts as a guest, so acting reaches the home only.
      const isOutOfReach = isActing && organizationId !== user?.home
      if (isOutOfReach || membership === undefined || ['suspended', 'uninvited'].includes(membership.status))
        continue
      for (const aid of groupsOf(before, organizationId)) {
        const wanted = rightsWithin(before, userId, organizationId, aid)
        const held =
          caller === null || !isStanding(before.users[caller.userId], organizationId)
            ? new Set<string>()
            : rightsWithin(before, caller.userId, organizationId, aid)
        const missing = minus(wanted, held)
        if (missing.length > 0)
          return `the caller got control of ${nameOf(before, userId)} by ${by} and does not hold ${some(missing)} in ${groupText(aid)} of ${organizationId}`
      }
    }
  }
  return null
}
