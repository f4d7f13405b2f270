import type { Answer } from './answer.ts'
import { answered, succeeded } from './answer.ts'
import { worldAfter } from './apply.ts'
import type { OwnRequest } from './decide.ts'
import { expectedAtPostern, isLockedOut } from './decide.ts'
import { noGain, noTakeover } from './laws-of-rights.ts'
import type { Need, Operation } from './operation.ts'
import { needOf } from './operation.ts'
import {
  groupsOf,
  hasSomebodyHome,
  isStanding,
  managementRight,
  managesAnything,
  mayActAs,
  placedIn,
  rightsHeld,
  roleGrants,
} from './rights.ts'
import type { Law, Step } from './step.ts'
import { groupText, nameOf } from './step.ts'
import { walls } from './walls.ts'
import type { Grants, User, World } from './world.ts'
import { builtInRoles, noGrants } from './world.ts'

const ofUser = (operation: Operation): string | null => {
  switch (operation.kind) {
    case 'change-user':
    case 'replace-roles':
    case 'delete-user':
    case 'create-credential':
    case 'import-credential':
    case 'rotate-credential':
    case 'delete-credential':
    case 'confirm':
      return operation.userId
    case 'look':
      return operation.what === 'api' ? null : operation.id
    default:
      return null
  }
}

const done: Answer = { status: 200, body: {}, headers: {} }

/** Would every user hold no more than before, and nobody get control of anybody? */
const onlyTakes = (step: Step, hypothetical: World): boolean => {
  const { before, operation } = step
  const kinds = ['change-user', 'replace-roles', 'delete-user', 'delete-credential']
  if (!kinds.includes(operation.kind)) return false
  if (operation.kind === 'change-user') {
    const {
      username,
      email,
      whitelist,
      impersonation,
      impersonationTargets,
      loginAccountGroup,
      permissions,
    } = operation.fields
    const isMore =
      username !== undefined ||
      email !== undefined ||
      whitelist !== undefined ||
      impersonation !== undefined ||
      impersonationTargets !== undefined ||
      loginAccountGroup !== undefined ||
      operation.fields.status === 'active' ||
      // Refused when a role grants the section all the same.
      permissions?.some(({ level }) => level === 'deny') === true
    if (isMore) return false
  }
  if (operation.kind === 'replace-roles' && operation.loginAccountGroup !== undefined) return false
  // References must not be new either, or the refusal may be about what they name.
  const userId = ofUser(operation) ?? ''
  const referencesOf = (user: User | undefined) =>
    Object.values(user?.memberships ?? {}).flatMap(({ roles, own }) => [
      ...roles.map((role) => JSON.stringify(role)),
      ...own.sections.map((section) => JSON.stringify(section)),
      ...own.endpoints.map((endpoint) => JSON.stringify(endpoint)),
      ...Object.entries(own.management).map((management) => JSON.stringify(management)),
    ])
  const had = new Set(referencesOf(before.users[userId]))
  return referencesOf(hypothetical.users[userId]).every((reference) => had.has(reference))
}

const isReallyHere = (step: Step): boolean => {
  const { before, caller, operation } = step
  // Every session may log itself out, also one for an API, and one in which somebody acts.
  const isOwnCall = caller?.actorId === null && caller.audience === null
  return (
    caller !== null &&
    caller.state === 'live' &&
    (isOwnCall || operation.kind === 'log-out') &&
    !isLockedOut(before, caller) &&
    isStanding(before.users[caller.userId], caller.organizationId) &&
    before.users[caller.userId]?.memberships[caller.organizationId]?.number === caller.membershipNumber
  )
}

/** Always down: "taking rights, revoking one's own credential, logging out and ending one's own membership never need a right". */
const alwaysDown: Law = (step) => {
  const { before, caller, operation, answer, isRace } = step
  if (succeeded(answer) || isRace || caller === null || !isReallyHere(step)) return null
  if (answer.status === 429 || answer.status >= 500) return null
  const hypothetical = worldAfter(before, caller, operation, done)
  const leavesSomebody = Object.keys(before.organizations).every((id) => hasSomebodyHome(hypothetical, id))
  if (!leavesSomebody) return null
  const refused = (what: string) => `${what} was refused with ${answer.status} ${JSON.stringify(answer.body)}`
  switch (operation.kind) {
    case 'delete-own-credential': {
      const credential = before.proofs[operation.keyId]
      const isOwn = credential?.userId === caller.userId && credential.state === 'live'
      return isOwn ? refused('revoking a credential of its own') : null
    }
    case 'log-out':
      return caller.kind === 'session' ? refused('logging out') : null
    case 'leave': {
      const membership = before.users[caller.userId]?.memberships[operation.organizationId]
      return membership !== undefined && membership.status !== 'home'
        ? refused('ending its own membership')
        : null
    }
    default:
      return takingIsRefused(step, hypothetical) ? refused(`taking rights (${operation.kind})`) : null
  }
}

/** "Revoking somebody else's needs management of that user, not its rights, unless that user manages." */
const takingIsRefused = (step: Step, hypothetical: World): boolean => {
  const { before, caller, operation, answer } = step
  const need = needOf(operation)
  const user = before.users[ofUser(operation) ?? '']
  if (caller === null || user === undefined || typeof need !== 'object') return false
  if (!onlyTakes(step, hypothetical) || user.home !== caller.organizationId) return false
  const manages = rightsHeld(before, caller.userId, caller.organizationId, null).has(
    managementRight(need.section, need.level),
  )
  const isPowerful = managesAnything(before, user.userId, user.home)
  const isThere =
    operation.kind !== 'delete-credential' ||
    (before.proofs[operation.keyId]?.userId === user.userId &&
      before.proofs[operation.keyId]?.state === 'live')
  const isSelf = user.userId === caller.userId
  return manages && !isPowerful && isThere && !isSelf && [403, 404].includes(answer.status)
}

/** No way back: "an ended session, credential, link, invitation or membership never lives again". What passes later is seen by probing. */
const noWayBack: Law = ({ before, caller, operation, answer }) => {
  if (!succeeded(answer) || caller === null) return null
  const user = before.users[caller.userId]
  const membership = user?.memberships[caller.organizationId]
  // RFC 7009 tells nobody whether a token was one.
  if (operation.kind === 'revoke') return null
  if (
    operation.kind === 'accept' &&
    !['invited', 'guest'].includes(user?.memberships[operation.organizationId]?.status ?? '')
  )
    return `an invitation to ${operation.organizationId} that had ended was accepted`
  if (caller.state === 'ended') return `${caller.proofId}, which had ended, was accepted`
  if (membership?.number !== caller.membershipNumber)
    return `${caller.proofId} lives again in a membership that was created again`
  return null
}

/** A section that something names is not deleted, or that would come to mean what the next section of the name lists. */
const namesStay: Law = ({ before, operation, answer, isRace }) => {
  if (operation.kind !== 'delete-section' || !succeeded(answer) || isRace) return null
  const api = before.apis[operation.api]
  if (api === undefined) return null
  const { apiId, organizationId, shares } = api
  const isNamedIn = ({ sections, everySection }: Grants): boolean =>
    sections.some((granted) => granted.api === apiId && granted.section === operation.name) ||
    everySection.some((every) => every.api === apiId && every.except.includes(operation.name))
  const isShared = Object.values(shares).some(
    ({ sections, everySection }) =>
      sections[operation.name] !== undefined || everySection?.except.includes(operation.name),
  )
  const isHeld = [organizationId, ...Object.keys(shares)].some(
    (id) =>
      Object.values(before.users).some(({ memberships }) => isNamedIn(memberships[id]?.own ?? noGrants)) ||
      Object.entries(before.roles).some(([key, grants]) => key.startsWith(`${id}/`) && isNamedIn(grants)),
  )
  return isShared || isHeld ? `the section ${operation.name} was deleted while something names it` : null
}

/** Somebody home: "an organization always keeps one active administrator who can still get in". */
const somebodyHome: Law = ({ before, after }) => {
  for (const organizationId of Object.keys(after.organizations)) {
    const had = before.organizations[organizationId] === undefined || hasSomebodyHome(before, organizationId)
    if (had && !hasSomebodyHome(after, organizationId))
      return `${organizationId} has no administrator left who can get in`
  }
  return null
}

/** Scope: "management held in one account group reaches users placed only there, and nothing organization-wide". */
const scope: Law = ({ before, after, caller, operation, answer }) => {
  const need = needOf(operation)
  if (!succeeded(answer) || caller === null || typeof need !== 'object') return null
  const { userId, organizationId } = caller
  const right = managementRight(need.section, need.level)
  const holdsIn = (aid: number | null) => rightsHeld(before, userId, organizationId, aid).has(right)
  if (holdsIn(null)) return null
  const groups = groupsOf(before, organizationId).filter(holdsIn)
  // Nothing at all is the matter of `decidingAlike`.
  if (groups.length === 0) return null
  const isWide = need.reach === 'organization' && need.level === 'write'
  if (isWide)
    return `${operation.kind} is organization-wide, and ${right} is held in ${groups.join(', ')} only`
  const target = ofUser(operation) ?? answered(answer).user?.userId ?? null
  if (target === null) return null
  const placed = [before, after].flatMap(({ users }) => placedIn(users[target], organizationId))
  const outside = placed.filter((aid) => aid === null || !groups.includes(aid))
  return outside.length === 0
    ? null
    : `${operation.kind} reached ${nameOf(after, target)}, placed in ${outside.map(groupText).join(', ')}, with management of ${groups.join(', ')} only`
}

/** Acting: "only users at home in the same organization who manage nothing; never management, never self-service". */
const acting: Law = ({ before, caller, operation, answer }) => {
  if (!succeeded(answer) || caller === null) return null
  const isAllowedToAll = ['log-out', 'revoke'].includes(operation.kind)
  if (caller.actorId !== null && !isAllowedToAll)
    return `${operation.kind} was done while acting as ${nameOf(before, caller.userId)}`
  if (operation.kind !== 'act-as') return null
  const { userId, organizationId } = caller
  const who = `${nameOf(before, userId)} acts as ${nameOf(before, operation.userId)}`
  if (before.users[operation.userId] === undefined) return `${who}, who does not exist`
  if (before.users[userId]?.home !== organizationId) return `${who} from a membership that is not its home`
  if (before.users[operation.userId]?.home !== organizationId) return `${who}, who is at home elsewhere`
  if (managesAnything(before, operation.userId, organizationId)) return `${who}, who manages`
  if (!isStanding(before.users[operation.userId], organizationId)) return `${who}, who is not active`
  return mayActAs(before, userId, operation.userId) ? null : `${who} and was never allowed to`
}

const neededLevel = (need: Need): { section: string; level: 'read' | 'write' } | null =>
  typeof need === 'object' ? need : null

/** Deciding alike, for Postern's own endpoints: a call passes only with the right that it needs, in the account group that it names. */
const decidingAlike: Law = ({ before, caller, aid, operation, answer, isRace }) => {
  const { status, rehearsed } = answer
  if (!isRace && rehearsed !== undefined && succeeded({ status: rehearsed }) !== succeeded(answer))
    return `the dry run of ${operation.kind} answered ${rehearsed}, the call itself ${status}`
  const givesUp = ['log-out', 'revoke'].includes(operation.kind)
  if (!succeeded(answer) || caller === null || givesUp) return null
  if (caller.audience !== null && needOf(operation) !== 'public')
    return `${operation.kind} was done with a session for ${caller.audience.uri}`
  if (isLockedOut(before, caller))
    return `${operation.kind} was done from an address that the whitelist leaves out`
  if (!isStanding(before.users[caller.userId], caller.organizationId))
    return `${operation.kind} was done by somebody who is not active there`
  const needed = neededLevel(needOf(operation))
  if (needed === null || caller.actorId !== null) return null
  const request: OwnRequest = { ...needed, aid }
  return expectedAtPostern(before, caller.proofId, request) === 'refuse'
    ? `${operation.kind} needs ${needed.section} ${needed.level}, which the caller does not hold`
    : null
}

/** Rights only add up: "`deny` stores nothing, and where a role of that user grants the section all the same, the request is refused". */
const denyIsAbsence: Law = ({ after, caller, operation, answer }) => {
  const isOfUser = operation.kind === 'change-user' || operation.kind === 'create-user'
  if (!isOfUser || !succeeded(answer) || caller === null) return null
  const denied = (operation.fields.permissions ?? []).filter(({ level }) => level === 'deny')
  const userId = operation.kind === 'change-user' ? operation.userId : (answered(answer).user?.userId ?? '')
  const membership = after.users[userId]?.memberships[caller.organizationId]
  for (const { api, section, text } of denied) {
    const byRole = membership?.roles.find(({ roleId }) => {
      const grants = roleGrants(after, caller.organizationId, roleId)
      const everySection = grants.everySection.some(
        (every) => api !== null && (every.api ?? api) === api && !every.except.includes(section),
      )
      const named =
        api === null
          ? grants.management[section] !== undefined
          : grants.sections.some((granted) => granted.api === api && granted.section === section)
      const dashboard =
        grants.dashboards && api !== null && after.apis[api]?.sections[section]?.dashboard === true
      return grants.everything || everySection || named || dashboard
    })
    if (byRole !== undefined)
      return `deny of ${text} was accepted although role ${byRole.roleId}${builtInRoles[byRole.roleId] ? ' (built in)' : ''} grants it`
  }
  return null
}

const laws: Readonly<Record<string, Law>> = {
  'No gain': noGain,
  'No takeover': noTakeover,
  Walls: walls,
  'Always down': alwaysDown,
  'No way back': noWayBack,
  'Somebody home': somebodyHome,
  Scope: scope,
  Acting: acting,
  'Deciding alike': decidingAlike,
  'Rights only add up': denyIsAbsence,
  'Names stay': namesStay,
}

/** Every law that a step breaks, in sentences. */
export const broken = (step: Step): string[] =>
  Object.entries(laws).flatMap(([name, law]) => {
    const sentence = law(step)
    return sentence === null ? [] : [`${name}: ${sentence}`]
  })
