import type { Answer } from './answer.ts'
import { answered, succeeded } from './answer.ts'
import { applyToApi } from './apply-api.ts'
import type { Change } from './apply-user.ts'
import {
  addCredential,
  addProof,
  changedRole,
  changeUser,
  createOrganization,
  createOrInvite,
  deleteUser,
  doubtSessions,
  end,
  endActing,
  endCredential,
  endMembership,
  endSessions,
  openSession,
  suspend,
} from './apply-user.ts'
import type { Operation } from './operation.ts'
import { userNamed } from './rights.ts'
import type { Proof, World } from './world.ts'
import { copyOf, noGrants } from './world.ts'

/** The world after a call that succeeded, by the words of the rights model. A refused call changes nothing. */
export const worldAfter = (
  before: World,
  caller: Proof | null,
  operation: Operation,
  answer: Answer,
): World => {
  const world = copyOf(before)
  if (succeeded(answer)) apply({ world, caller, answer }, operation)
  return world
}

const audienceOf = (world: World, apiId: string | null): Proof['audience'] =>
  apiId === null ? null : { apiId, uri: world.apis[apiId]?.audience ?? '' }

const apply = (change: Change, operation: Operation): void => {
  const { world, caller, answer } = change
  const organizationId = caller?.organizationId ?? ''
  const own = world.users[caller?.userId ?? '']
  const shown = answered(answer)
  switch (operation.kind) {
    case 'create-user':
      createOrInvite(change, operation)
      return
    case 'tyk-user': {
      const { email, isAdmin, permissions, password } = operation
      const fields = isAdmin ? { email, roles: [1] } : { email, permissions }
      createOrInvite(change, { username: email, fields, password })
      const created = userNamed(world, email)
      if (created !== undefined && answer.session !== undefined)
        addProof(world, { proofId: answer.session, kind: 'token', userId: created.userId })
      return
    }
    case 'thousandeyes-user':
      createOrInvite(change, {
        username: operation.email,
        fields: { email: operation.email, loginAccountGroup: operation.loginAccountGroup },
        groupRoles: operation.roles,
      })
      return
    case 'change-user':
      changeUser(change, operation.userId, operation.fields)
      return
    case 'replace-roles': {
      const membership = world.users[operation.userId]?.memberships[organizationId]
      if (membership === undefined) return
      membership.roles = [...operation.roles]
      if (operation.loginAccountGroup !== undefined) membership.loginGroup = operation.loginAccountGroup
      doubtSessions(world, operation.userId)
      return
    }
    case 'delete-user':
      deleteUser(change, operation.userId)
      return
    case 'choose-group': {
      const membership = own?.memberships[organizationId]
      if (membership !== undefined) membership.loginGroup = operation.aid
      doubtSessions(world, caller?.userId ?? '')
      return
    }
    case 'create-credential':
    case 'rotate-credential': {
      const user = world.users[operation.userId]
      if (user === undefined) return
      addCredential(change, user.userId)
      const endsAtOnce = operation.kind === 'rotate-credential' && operation.overlapSeconds === 0
      if (endsAtOnce) endCredential(world, operation.keyId)
      suspend(change, user)
      return
    }
    case 'import-credential': {
      const user = world.users[operation.userId]
      if (user === undefined || shown.credential === undefined) return
      addCredential(change, user.userId)
      suspend(change, user)
      return
    }
    case 'delete-credential':
    case 'delete-own-credential':
      endCredential(world, operation.keyId)
      return
    case 'change-own-password':
      if (own === undefined) return
      own.password = operation.password
      endSessions(world, own.userId)
      return
    case 'create-role':
      if (shown.role !== undefined)
        world.roles[`${organizationId}/${shown.role.roleId}`] = changedRole(noGrants, operation.gives)
      return
    case 'change-role': {
      const key = `${organizationId}/${operation.roleId}`
      const role = world.roles[key] ?? noGrants
      const changed = changedRole(role, operation.gives)
      world.roles[key] = changed
      const actsForOthers = JSON.stringify(changed.acts) !== JSON.stringify(role.acts)
      for (const user of Object.values(world.users)) {
        const held = user.memberships[organizationId]?.roles.filter(
          ({ roleId }) => roleId === operation.roleId,
        )
        if (held === undefined || held.length === 0) continue
        doubtSessions(world, user.userId)
        if (actsForOthers && held.some(({ aid }) => aid === null)) endActing(world, user.userId)
      }
      return
    }
    case 'delete-role':
      delete world.roles[`${organizationId}/${operation.roleId}`]
      return
    case 'create-group':
      if (shown.accountGroup !== undefined)
        world.organizations[organizationId]?.groups.push(shown.accountGroup.aid)
      return
    case 'delete-group': {
      const organization = world.organizations[organizationId]
      if (organization === undefined) return
      organization.groups = organization.groups.filter((aid) => aid !== operation.aid)
      for (const user of Object.values(world.users)) {
        const membership = user.memberships[organizationId]
        if (membership === undefined) continue
        membership.roles = membership.roles.filter(({ aid }) => aid !== operation.aid)
        if (membership.loginGroup === operation.aid) membership.loginGroup = null
      }
      return
    }
    case 'create-api':
      if (shown.api !== undefined)
        world.apis[shown.api.apiId] = {
          apiId: shown.api.apiId,
          name: operation.name,
          audience: operation.audience,
          organizationId,
          bindings: [],
          sections: {},
          shares: {},
        }
      return
    case 'create-organization':
      createOrganization(change, operation.name, operation.username)
      return
    case 'accept': {
      const membership = own?.memberships[operation.organizationId]
      if (membership?.status === 'invited') membership.status = 'guest'
      return
    }
    case 'leave':
      if (own !== undefined) endMembership(world, own, operation.organizationId)
      return
    case 'confirm': {
      const membership = world.users[operation.userId]?.memberships[organizationId]
      if (membership?.status === 'suspended') membership.status = 'guest'
      return
    }
    case 'log-in':
      openSession(world, answer, operation.userId, {
        organizationId: operation.organizationId,
        audience: audienceOf(world, operation.audience),
      })
      return
    case 'client-credentials':
      openSession(world, answer, world.proofs[operation.keyId]?.userId ?? '', {
        audience: audienceOf(world, operation.audience),
        openedBy: operation.keyId,
      })
      return
    case 'act-as':
      openSession(world, answer, operation.userId, {
        organizationId: caller?.organizationId ?? '',
        actorId: caller?.userId ?? null,
        openedBy: caller?.kind === 'session' ? caller.openedBy : (caller?.proofId ?? null),
      })
      return
    case 'log-out': {
      const session = world.proofs[caller?.proofId ?? '']
      if (session !== undefined) end(session)
      return
    }
    case 'revoke': {
      // RFC 7009 answers 200 also when nothing was revoked.
      const revoked = world.proofs[operation.proofId]
      if (revoked?.state === 'live') revoked.state = 'unsure'
      return
    }
    case 'reset-password': {
      const user = world.users[operation.userId]
      if (user === undefined) return
      user.password = operation.password
      endSessions(world, user.userId)
      return
    }
    case 'change-organization':
    case 'look':
      return
    default:
      applyToApi(change, operation)
  }
}
