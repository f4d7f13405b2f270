import { isLockedOut } from './decide.ts'
import type { Dice } from './dice.ts'
import type { GivenRole, UserFields, Wanted, WantedEndpoint, WantedPermission } from './operation.ts'
import { isAdministrator, isStanding, managesAnything, visibleApis } from './rights.ts'
import type { Api, Entitlement, Level, Proof, SectionEntry, User, World } from './world.ts'
import { builtInRoles, everyEndpoint, managementSections } from './world.ts'

/** Draws calls from what exists in a world, with foreign and dead ids among them. */

const levels = ['read', 'write'] as const
const patterns = [
  ...everyEndpoint.slice(0, 9).map(({ method, path }) => `${method} ${path}`),
  '* /a',
  'GET /a/*',
  'POST /b/*',
  'GET /{x}',
  '* /{x}/b',
  'GET /*',
  '* /*',
]
export const sectionNames = ['north', 'south', 'west'] as const
export const tags = ['alpha', 'beta'] as const

/** `fresh` is a number that is used once in a run, for names. */
export type Draw = { readonly dice: Dice; readonly world: World; readonly fresh: () => number }

export const passwordOf = (number: number): string => `a long passphrase ${number}`

type Who = (proof: Proof, world: World) => boolean

export const isLive: Who = (proof, world) => {
  const { state, userId, organizationId, membershipNumber } = proof
  return (
    state !== 'ended' &&
    !isLockedOut(world, proof) &&
    isStanding(world.users[userId], organizationId) &&
    world.users[userId]?.memberships[organizationId]?.number === membershipNumber
  )
}
export const isOfAdministrator: Who = (proof, world) =>
  isLive(proof, world) &&
  proof.actorId === null &&
  proof.audience === null &&
  isAdministrator(world, proof.userId, proof.organizationId)
const isOfManager: Who = (proof, world) =>
  isLive(proof, world) &&
  !isOfAdministrator(proof, world) &&
  managesAnything(world, proof.userId, proof.organizationId)
export const isPowerless: Who = (proof, world) =>
  isLive(proof, world) && !managesAnything(world, proof.userId, proof.organizationId)
const isDead: Who = (proof, world) => !isLive(proof, world)

export const drawProof = ({ dice, world }: Draw, ...preferred: readonly Who[]): Proof | undefined => {
  for (const who of preferred) {
    const found = Object.values(world.proofs).filter((proof) => who(proof, world))
    if (found.length > 0) return dice.pick(found)
  }
  return undefined
}

/** Administrators, managers and powerless callers of every organization, and now and then somebody who is dead. */
export const drawCaller = (draw: Draw): Proof | undefined => {
  const number = draw.dice.next(100)
  if (number < 52) return drawProof(draw, isOfAdministrator)
  if (number < 82) return drawProof(draw, isOfManager, isOfAdministrator)
  if (number < 96) return drawProof(draw, isPowerless, isLive)
  return drawProof(draw, isDead, isLive)
}

export const drawUser = ({ dice, world }: Draw, organizationId: string): User | undefined => {
  const users = Object.values(world.users)
  const here = users.filter(({ memberships }) => memberships[organizationId] !== undefined)
  const travellers = here.filter(({ memberships }) => Object.keys(memberships).length > 1)
  if (travellers.length > 0 && dice.chance(0.25)) return dice.pick(travellers)
  return dice.pick(dice.chance(0.15) ? users : here)
}

export const drawApi = ({ dice, world }: Draw, organizationId: string): Api | undefined => {
  const apis = Object.values(world.apis)
  const seen = visibleApis(world, organizationId)
  const isForeign = dice.chance(0.1) || seen.length === 0
  return dice.pick(isForeign ? apis : seen)
}

/** How a request names something of an API: by its id, its name, or not at all where only one is seen. */
const naming = ({ dice, world }: Draw, organizationId: string, api: Api): string | null => {
  const seen = visibleApis(world, organizationId)
  const isOnly = seen.length === 1 && seen[0]?.apiId === api.apiId
  if (isOnly && dice.chance(0.5)) return null
  const isOwn = api.organizationId === organizationId
  return isOwn && dice.chance(0.3) ? api.name : api.apiId
}

const drawLevel = (dice: Dice): Level | 'deny' => (dice.chance(0.07) ? 'deny' : (dice.pick(levels) ?? 'read'))

export const drawPermissions = (draw: Draw, organizationId: string): WantedPermission[] => {
  const { dice } = draw
  const wanted = Array.from({ length: dice.next(3) }, (): WantedPermission | undefined => {
    if (dice.chance(0.3)) {
      const section = dice.pick(managementSections) ?? 'postern-users'
      return { text: section, api: null, section, level: drawLevel(dice) }
    }
    const api = drawApi(draw, organizationId)
    const section = dice.pick(Object.keys(api?.sections ?? {}))
    if (api === undefined || section === undefined) return undefined
    const prefix = naming(draw, organizationId, api)
    const text = prefix === null ? section : `${prefix}/${section}`
    return { text, api: api.apiId, section, level: drawLevel(dice) }
  })
  const known = wanted.filter((one) => one !== undefined)
  // One name once: a JSON object keeps the last.
  return known.filter(
    (one, index) =>
      known.findIndex(({ api, section }) => api === one.api && section === one.section) === index,
  )
}

const drawEndpoints = (draw: Draw, organizationId: string): WantedEndpoint[] => {
  const { dice } = draw
  return Array.from({ length: dice.next(3) }, (): WantedEndpoint | undefined => {
    const api = drawApi(draw, organizationId)
    const pattern = dice.pick(patterns)
    if (api === undefined || pattern === undefined) return undefined
    const prefix = naming(draw, organizationId, api)
    return { text: prefix === null ? pattern : `${prefix} ${pattern}`, api: api.apiId, pattern }
  }).filter((one) => one !== undefined)
}

const drawEverySection = (draw: Draw, organizationId: string): Wanted['everySection'] => {
  const { dice } = draw
  const level = dice.pick(levels) ?? 'read'
  const api = drawApi(draw, organizationId)
  if (api === undefined) return []
  const except = dice.some(Object.keys(api.sections), 1)
  return [{ text: naming(draw, organizationId, api), api: api.apiId, level, except }]
}

export const drawRoleGifts = (draw: Draw, organizationId: string): Wanted => ({
  permissions: drawPermissions(draw, organizationId).filter(({ level }) => level !== 'deny'),
  endpoints: drawEndpoints(draw, organizationId),
  ...(draw.dice.chance(0.3) ? { everySection: drawEverySection(draw, organizationId) } : {}),
  ...(draw.dice.chance(0.15) ? drawImpersonation(draw, organizationId) : {}),
})

const customRoles = (world: World, organizationId: string): number[] =>
  Object.keys(world.roles)
    .filter((key) => key.startsWith(`${organizationId}/`))
    .map((key) => Number(key.split('/')[1]))

export const drawRole = ({ dice, world }: Draw, organizationId: string): number => {
  const own = customRoles(world, organizationId)
  const all = dice.chance(0.6) && own.length > 0 ? own : Object.keys(builtInRoles).map(Number)
  return dice.pick(all) ?? 2
}

export const drawGroup = ({ dice, world }: Draw, organizationId: string): number | null =>
  dice.pick(world.organizations[organizationId]?.groups ?? []) ?? null

export const drawGivenRoles = (draw: Draw, organizationId: string): GivenRole[] => {
  const given = Array.from({ length: draw.dice.next(3) }, () => ({
    roleId: drawRole(draw, organizationId),
    aid: draw.dice.chance(0.5) ? drawGroup(draw, organizationId) : null,
  }))
  return given.filter(
    (one, index) => given.findIndex(({ roleId, aid }) => roleId === one.roleId && aid === one.aid) === index,
  )
}

export const drawFields = (draw: Draw, organizationId: string): UserFields => {
  const { dice } = draw
  return {
    ...(dice.chance(0.4) ? { permissions: drawPermissions(draw, organizationId) } : {}),
    ...(dice.chance(0.3) ? { endpoints: drawEndpoints(draw, organizationId) } : {}),
    ...(dice.chance(0.3) ? { roles: [drawRole(draw, organizationId)] } : {}),
    ...(dice.chance(0.1) ? drawImpersonation(draw, organizationId) : {}),
    ...(dice.chance(0.2) ? { loginAccountGroup: drawGroup(draw, organizationId) } : {}),
  }
}

const drawImpersonation = (draw: Draw, organizationId: string): Wanted => {
  const impersonation = draw.dice.pick(['none', 'full', 'selected'] as const) ?? 'none'
  if (impersonation !== 'selected') return { impersonation }
  const target = drawUser(draw, organizationId)
  return { impersonation, impersonationTargets: target === undefined ? [] : [target.userId] }
}

export const drawChange = (draw: Draw, organizationId: string): UserFields => {
  const { dice, fresh } = draw
  switch (dice.next(6)) {
    case 0:
      return { permissions: [], endpoints: [], roles: [] }
    case 1:
      return { status: dice.chance(0.6) ? 'active' : 'disabled' }
    case 2:
      if (dice.chance(0.1)) return { whitelist: dice.chance(0.5) ? [] : ['198.51.100.0/24'] }
      return { email: dice.chance(0.1) ? null : `mail${fresh()}@laws.example` }
    case 3:
      return dice.chance(0.2) ? { username: `renamed${fresh()}` } : drawImpersonation(draw, organizationId)
    default:
      return drawFields(draw, organizationId)
  }
}

export const drawEntries = (dice: Dice): SectionEntry[] =>
  Array.from({ length: 1 + dice.next(3) }, () => {
    const pattern = dice.pick(patterns) ?? 'GET /a'
    const byMethod: Level = pattern.startsWith('GET ') ? 'read' : 'write'
    return { pattern, level: dice.chance(0.2) ? (dice.pick(levels) ?? byMethod) : byMethod }
  })

export const drawEntitlement = ({ dice }: Draw, api: Api): Entitlement => {
  const level = dice.pick(levels) ?? 'read'
  const names = Object.keys(api.sections)
  if (dice.chance(0.4)) return { everySection: { level, except: dice.some(names, 1) }, sections: {} }
  const sections = Object.fromEntries(dice.some(names, 2).map((name) => [name, dice.pick(levels) ?? 'read']))
  return { everySection: null, sections }
}

export const credentialsOf = (world: World, userId: string): Proof[] =>
  Object.values(world.proofs).filter((proof) => proof.userId === userId && proof.kind !== 'session')
