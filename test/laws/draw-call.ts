import type { Dice } from './dice.ts'
import type { Draw } from './draw.ts'
import {
  credentialsOf,
  drawApi,
  drawCaller,
  drawChange,
  drawEntitlement,
  drawEntries,
  drawFields,
  drawGivenRoles,
  drawGroup,
  drawPermissions,
  drawProof,
  drawRole,
  drawRoleGifts,
  drawUser,
  isLive,
  isOfAdministrator,
  isPowerless,
  passwordOf,
  sectionNames,
  tags,
} from './draw.ts'
import type { Operation, OperationKind } from './operation.ts'
import type { Move } from './perform.ts'
import { sha256 } from './perform.ts'
import { actingOf, visibleApis } from './rights.ts'
import type { Proof, World } from './world.ts'
import { basePaths, doors, everyEndpoint } from './world.ts'

/** Mostly unsaid, so that a section stays what it is. */
const drawDashboard = (dice: Draw['dice']): { dashboard?: boolean } =>
  dice.chance(0.4) ? { dashboard: dice.chance(0.7) } : {}

type Drawn = { readonly operation: Operation; readonly caller: Proof | undefined } | undefined

const by = (caller: Proof | undefined, operation: Operation | undefined): Drawn =>
  operation === undefined ? undefined : { operation, caller }

/** A call of this kind that makes sense in this world; undefined when there is none. */
const drawOperation = (kind: OperationKind, draw: Draw): Drawn => {
  const { dice, world, fresh } = draw
  const caller = drawCaller(draw)
  if (caller === undefined) return undefined
  const here = caller.organizationId
  const elsewhere = () => dice.pick(Object.keys(world.organizations).filter((id) => id !== here))
  switch (kind) {
    case 'create-user': {
      const stranger = dice.chance(0.3)
        ? dice.pick(Object.values(world.users).filter(({ home }) => home !== here))
        : undefined
      const fields = drawFields(draw, here)
      const generate = dice.pick(['token', 'key', 'token', undefined] as const)
      if (stranger !== undefined) {
        const isPlain = dice.chance(0.8)
        return by(caller, { kind, username: stranger.username, fields, ...(isPlain ? {} : { generate }) })
      }
      const number = fresh()
      const email = dice.chance(0.5) ? `user${number}@laws.example` : null
      const password = dice.chance(0.3) ? passwordOf(number) : undefined
      return by(caller, { kind, username: `user${number}`, fields: { ...fields, email }, generate, password })
    }
    case 'change-user': {
      const user = drawUser(draw, here)
      const fields = drawChange(draw, here)
      return by(caller, user && { kind, userId: user.userId, fields, rehearse: dice.chance(0.15) })
    }
    case 'replace-roles': {
      const user = drawUser(draw, here)
      const roles = drawGivenRoles(draw, here)
      const login = dice.chance(0.3) ? { loginAccountGroup: drawGroup(draw, here) } : {}
      return by(caller, user && { kind, userId: user.userId, roles, ...login, rehearse: dice.chance(0.15) })
    }
    case 'delete-user':
    case 'confirm': {
      const suspended = Object.values(world.users).filter(
        ({ memberships }) => memberships[here]?.status === 'suspended',
      )
      const user = kind === 'confirm' && dice.chance(0.8) ? dice.pick(suspended) : drawUser(draw, here)
      return by(caller, user && { kind, userId: user.userId })
    }
    case 'create-credential': {
      const user = drawUser(draw, here)
      const credential = dice.pick(['token', 'key'] as const) ?? 'token'
      return by(caller, user && { kind, userId: user.userId, credential })
    }
    case 'import-credential': {
      const user = drawUser(draw, here)
      const token = `imported-secret-of-many-bits-${fresh()}-${dice.next(1_000_000)}`
      return by(caller, user && { kind, userId: user.userId, token, hash: sha256(token) })
    }
    case 'rotate-credential':
    case 'delete-credential': {
      const user = drawUser(draw, here)
      const credential = dice.pick(credentialsOf(world, user?.userId ?? ''))
      if (user === undefined || credential === undefined) return undefined
      const { userId } = user
      const keyId = credential.proofId
      if (kind === 'delete-credential') return by(caller, { kind, userId, keyId })
      const overlapSeconds = dice.pick([0, 3600]) ?? 0
      const made = credential.kind === 'key' ? 'key' : 'token'
      return by(caller, { kind, userId, keyId, credential: made, overlapSeconds })
    }
    case 'delete-own-credential': {
      const anybody = dice.chance(0.5) ? drawProof(draw, isPowerless, isLive) : caller
      const whose = dice.chance(0.85) ? (anybody?.userId ?? '') : (drawUser(draw, here)?.userId ?? '')
      const credential = dice.pick(credentialsOf(world, whose))
      return by(anybody, credential && { kind, keyId: credential.proofId })
    }
    case 'choose-group': {
      const anybody = drawProof(draw, isLive)
      return by(anybody, { kind, aid: drawGroup(draw, anybody?.organizationId ?? here) })
    }
    case 'change-own-password': {
      const anybody = drawProof(draw, (proof) => world.users[proof.userId]?.password !== null)
      const current = world.users[anybody?.userId ?? '']?.password ?? null
      return by(anybody, current === null ? undefined : { kind, current, password: passwordOf(fresh()) })
    }
    case 'create-role':
      return by(caller, { kind, name: `role ${fresh()}`, gives: drawRoleGifts(draw, here) })
    case 'change-role':
      return by(caller, { kind, roleId: drawRole(draw, here), gives: drawRoleGifts(draw, here) })
    case 'delete-role':
      return by(caller, { kind, roleId: drawRole(draw, here) })
    case 'create-group':
      return by(caller, { kind, name: `group ${fresh()}` })
    case 'delete-group': {
      const aid = drawGroup(draw, here)
      return by(caller, aid === null ? undefined : { kind, aid })
    }
    case 'create-api': {
      const name = `api-${fresh()}`
      const audience = dice.chance(0.3) ? `taken${dice.next(2)}` : name
      return by(caller, { kind, name, audience: `https://${audience}.laws.example` })
    }
    case 'change-api': {
      const api = drawApi(draw, here)
      // Few audiences, so that one is given up and taken again.
      const audience = `https://taken${dice.next(2)}.laws.example`
      const change = dice.chance(0.5) ? { name: `api-${fresh()}` } : { audience }
      return by(caller, api && { kind, api: api.apiId, ...change })
    }
    case 'delete-api': {
      const api = drawApi(draw, here)
      const isDefault = api?.apiId === world.defaultApi
      return by(caller, api && !isDefault ? { kind, api: api.apiId } : undefined)
    }
    case 'bind': {
      const api = dice.chance(0.7) ? dice.pick(Object.values(world.apis)) : drawApi(draw, here)
      const door = dice.pick(doors.slice(0, 2))
      const basePath = dice.pick(basePaths)
      if (api === undefined || door === undefined || basePath === undefined) return undefined
      const ofFirst = drawProof(
        draw,
        (proof) => proof.organizationId === world.first && isOfAdministrator(proof, world),
      )
      const asked = dice.chance(0.8) ? ofFirst : caller
      return by(asked, { kind, api: api.apiId, ...door, basePath })
    }
    case 'unbind': {
      const api = dice.pick(Object.values(world.apis).filter(({ bindings }) => bindings.length > 0))
      const binding = dice.pick(api?.bindings ?? [])
      const owner = drawProof(
        draw,
        (proof) => proof.organizationId === api?.organizationId && isOfAdministrator(proof, world),
      )
      const asked = dice.chance(0.8) ? owner : caller
      return by(asked, api && binding && { kind, api: api.apiId, bindingId: binding.bindingId })
    }
    case 'share':
    case 'unshare':
    case 'hand-over': {
      const api = drawApi(draw, here)
      const sharedWith = dice.pick(Object.keys(api?.shares ?? {}))
      const organizationId = kind === 'unshare' ? (sharedWith ?? elsewhere()) : elsewhere()
      if (api === undefined || organizationId === undefined) return undefined
      if (kind === 'share')
        return by(caller, { kind, api: api.apiId, organizationId, entitlement: drawEntitlement(draw, api) })
      const isDefault = api.apiId === world.defaultApi
      return by(caller, isDefault ? undefined : { kind, api: api.apiId, organizationId })
    }
    case 'create-section': {
      const api = drawApi(draw, here)
      const name = dice.pick(sectionNames) ?? 'north'
      return by(
        caller,
        api && { kind, api: api.apiId, name, entries: drawEntries(dice), ...drawDashboard(dice) },
      )
    }
    case 'replace-section':
    case 'delete-section': {
      const api = drawApi(draw, here)
      const name = dice.pick(Object.keys(api?.sections ?? {}))
      if (api === undefined || name === undefined) return undefined
      return kind === 'delete-section'
        ? by(caller, { kind, api: api.apiId, name })
        : by(caller, { kind, api: api.apiId, name, entries: drawEntries(dice), ...drawDashboard(dice) })
    }
    case 'import-sections': {
      const api = drawApi(draw, here)
      const exact = everyEndpoint.map(({ method, path }) => `${method} ${path}`)
      const drawn = tags.map((tag) => [tag, dice.some(exact, 3)] as const)
      const listed = Object.fromEntries(drawn.filter(([, operations]) => operations.length > 0))
      return by(caller, api && { kind, api: api.apiId, title: 'Imported', tags: listed })
    }
    case 'accept':
    case 'leave': {
      const wanted =
        kind === 'accept'
          ? ['invited', 'uninvited', 'suspended']
          : ['guest', 'invited', 'uninvited', 'suspended']
      const membershipsOf = (proof: Proof) =>
        Object.entries(world.users[proof.userId]?.memberships ?? {}).filter(([, { status }]) =>
          wanted.includes(status),
        )
      const anybody = drawProof(draw, (proof) => isLive(proof, world) && membershipsOf(proof).length > 0)
      const at = anybody && dice.pick(membershipsOf(anybody))?.[0]
      return by(anybody, at === undefined ? undefined : { kind, organizationId: at })
    }
    case 'log-in': {
      const user = dice.pick(Object.values(world.users).filter(({ password }) => password !== null))
      const organizationId = dice.pick(Object.keys(user?.memberships ?? {}))
      if (user === undefined || user.password === null || organizationId === undefined) return undefined
      const seen = visibleApis(world, organizationId).map(({ apiId }) => apiId)
      const audience = dice.chance(0.4) ? (dice.pick(seen) ?? null) : null
      const { userId, username, password } = user
      const operation: Operation = { kind, userId, username, password, organizationId, audience }
      return { operation, caller: undefined }
    }
    case 'client-credentials': {
      const key = drawProof(draw, (proof) => proof.kind === 'key' && proof.state === 'live')
      const seen = visibleApis(world, key?.organizationId ?? '').map(({ apiId }) => apiId)
      const audience = dice.chance(0.4) ? (dice.pick(seen) ?? null) : null
      if (key === undefined) return undefined
      return { operation: { kind, keyId: key.proofId, audience }, caller: undefined }
    }
    case 'act-as': {
      const actor = drawProof(
        draw,
        (proof) =>
          isLive(proof, world) &&
          proof.kind !== 'key' &&
          actingOf(world, proof.userId, proof.organizationId).length > 0,
      )
      const asked = dice.chance(0.85) ? actor : caller
      const user = drawUser(draw, asked?.organizationId ?? here)
      if (asked === undefined || user === undefined) return undefined
      const named = dice.chance(0.5) ? user.userId : user.username
      return by(asked, { kind, userId: user.userId, named })
    }
    case 'log-out': {
      const session = drawProof(draw, (proof) => isLive(proof, world) && proof.kind === 'session')
      return by(session, session && { kind })
    }
    case 'revoke': {
      const session = drawProof(draw, (proof) => isLive(proof, world) && proof.kind === 'session')
      const client = drawProof(draw, (proof) => isLive(proof, world) && proof.kind === 'key')
      if (session === undefined || client === undefined) return undefined
      return by(client, { kind, proofId: session.proofId, clientKeyId: client.proofId })
    }
    case 'reset-password': {
      const user = dice.pick(Object.values(world.users).filter(({ email }) => email !== null))
      if (user === undefined) return undefined
      const { userId, username } = user
      const operation: Operation = { kind, userId, username, password: passwordOf(fresh()) }
      return { operation, caller: undefined }
    }
    case 'change-organization':
      return by(caller, { kind, name: `organization ${fresh()}` })
    case 'create-organization': {
      const isFull = Object.keys(world.organizations).length > 3
      const number = fresh()
      const operation: Operation = {
        kind,
        name: `Organization ${number}`,
        username: `administrator${number}`,
      }
      return by(caller, isFull ? undefined : operation)
    }
    case 'tyk-user': {
      // Tyk's words for permissions take names, and no ids.
      const permissions = drawPermissions(draw, here).filter(({ text }) => !text.startsWith('api_'))
      const number = fresh()
      const email = `tyk${number}@laws.example`
      const isAdmin = dice.chance(0.3)
      return by(caller, { kind, email, isAdmin, permissions, password: passwordOf(number) })
    }
    case 'thousandeyes-user': {
      const stranger = dice.pick(
        Object.values(world.users).filter(({ home, username }) => home !== here && username.includes('@')),
      )
      const isInvited = stranger !== undefined && dice.chance(0.4)
      const email = isInvited ? stranger.username : `eyes${fresh()}@laws.example`
      const group = drawGroup(draw, here)
      const drawn = drawGivenRoles(draw, here)
      const roles = drawn.length > 0 ? drawn : [{ roleId: drawRole(draw, here), aid: group }]
      return by(caller, { kind, email, roles, loginAccountGroup: group })
    }
    case 'look': {
      const what = dice.pick(['user', 'keys', 'api'] as const) ?? 'user'
      const ids = what === 'api' ? Object.keys(world.apis) : Object.keys(world.users)
      const id = dice.pick(ids)
      return by(caller, id === undefined ? undefined : { kind, what, id })
    }
  }
}

export const drawMove = (
  kind: OperationKind,
  dice: Dice,
  world: World,
  fresh: () => number,
): Move | undefined => {
  const draw = { dice, world, fresh }
  const drawn = drawOperation(kind, draw)
  if (drawn === undefined) return undefined
  const { operation, caller } = drawn
  const aid = caller !== undefined && dice.chance(0.15) ? drawGroup(draw, caller.organizationId) : null
  return { operation, callerId: caller?.proofId ?? null, aid }
}
