import type { GivenRole, Operation, UserFields, Wanted, WantedPermission } from './operation.ts'
import type { SectionEntry } from './world.ts'

export type HttpRequest = {
  readonly method: string
  readonly path: string
  readonly query?: string | undefined
  readonly body?: unknown
}

const permissionsIn = (permissions: readonly WantedPermission[] | undefined) =>
  permissions && Object.fromEntries(permissions.map(({ text, level }) => [text, level]))

const given = ({ permissions, endpoints, everySection, impersonation, impersonationTargets }: Wanted) => ({
  permissions: permissionsIn(permissions),
  endpoints: endpoints?.map(({ text }) => text),
  everySection: everySection?.map(({ text, level, except }) => ({
    ...(text === null ? {} : { api: text }),
    level,
    ...(except.length === 0 ? {} : { except }),
  })),
  impersonation,
  impersonationTargets,
})

const fieldsOf = ({ everySection: _, ...fields }: UserFields) => ({ ...fields, ...given(fields) })

const rolesBody = (roles: readonly GivenRole[]) => {
  const groups = [...new Set(roles.flatMap(({ aid }) => (aid === null ? [] : [aid])))]
  const numbers = (wanted: number | null) =>
    roles.filter(({ aid }) => aid === wanted).map(({ roleId }) => ({ roleId }))
  return {
    accountGroupRoles: groups.map((aid) => ({ accountGroup: { aid }, roles: numbers(aid) })),
    allAccountGroupRoles: numbers(null),
  }
}

const entriesBody = (entries: readonly SectionEntry[]) =>
  entries.map(({ pattern, level }) => ({ endpoint: pattern, level }))

/** An OpenAPI document with exactly these operations. */
const documentOf = (title: string, tags: Readonly<Record<string, readonly string[]>>) => {
  const paths: Record<string, Record<string, { tags: string[]; responses: object }>> = {}
  for (const [tag, operations] of Object.entries(tags))
    for (const operation of operations) {
      const [method = '', path = ''] = operation.split(' ')
      const item = paths[path] ?? {}
      const name = method.toLowerCase()
      item[name] = { tags: [...(item[name]?.tags ?? []), tag], responses: {} }
      paths[path] = item
    }
  return { openapi: '3.1.0', info: { title, version: '1' }, paths }
}

/**
 * The call as it is made with the caller's own credential. Undefined = several calls or another form of them, which
 * `system.ts` makes.
 */
export const requestOf = (operation: Operation): HttpRequest | undefined => {
  switch (operation.kind) {
    case 'create-user': {
      const { username, fields, password, generate } = operation
      return {
        method: 'POST',
        path: '/v1/users',
        body: { ...fieldsOf(fields), username, password, generate },
      }
    }
    case 'change-user':
      return { method: 'PATCH', path: `/v1/users/${operation.userId}`, body: fieldsOf(operation.fields) }
    case 'replace-roles': {
      const { userId, roles, loginAccountGroup: aid } = operation
      const loginAccountGroup = aid === undefined || aid === null ? aid : { aid }
      const body = { ...rolesBody(roles), loginAccountGroup }
      return { method: 'PUT', path: `/v1/users/${userId}/roles`, body }
    }
    case 'delete-user':
      return { method: 'DELETE', path: `/v1/users/${operation.userId}` }
    case 'choose-group':
      return {
        method: 'PUT',
        path: '/v1/users/me/login-account-group',
        body: { loginAccountGroup: operation.aid },
      }
    case 'create-credential': {
      const body = { name: 'made', kind: operation.credential }
      return { method: 'POST', path: `/v1/users/${operation.userId}/keys`, body }
    }
    case 'import-credential': {
      const body = { name: 'imported', kind: 'token', hash: operation.hash }
      return { method: 'POST', path: `/v1/users/${operation.userId}/keys/import`, body }
    }
    case 'rotate-credential': {
      const { userId, keyId, overlapSeconds } = operation
      return { method: 'POST', path: `/v1/users/${userId}/keys/${keyId}/rotate`, body: { overlapSeconds } }
    }
    case 'delete-credential':
      return { method: 'DELETE', path: `/v1/users/${operation.userId}/keys/${operation.keyId}` }
    case 'delete-own-credential':
      return { method: 'DELETE', path: `/v1/users/me/keys/${operation.keyId}` }
    case 'change-own-password': {
      const { current, password } = operation
      const body = { currentPassword: current, newPassword: password, confirmPassword: password }
      return { method: 'PUT', path: '/v1/users/me/password', body }
    }
    case 'create-role':
      return {
        method: 'POST',
        path: '/v1/roles',
        body: { name: operation.name, ...given(operation.gives) },
      }
    case 'change-role':
      return { method: 'PATCH', path: `/v1/roles/${operation.roleId}`, body: given(operation.gives) }
    case 'delete-role':
      return { method: 'DELETE', path: `/v1/roles/${operation.roleId}` }
    case 'create-group':
      return { method: 'POST', path: '/v1/account-groups', body: { accountGroupName: operation.name } }
    case 'delete-group':
      return { method: 'DELETE', path: `/v1/account-groups/${operation.aid}` }
    case 'create-api': {
      const { name, audience } = operation
      return { method: 'POST', path: '/v1/apis', body: { name, audience } }
    }
    case 'change-api': {
      const { api, name, audience } = operation
      return { method: 'PATCH', path: `/v1/apis/${api}`, body: { name, audience } }
    }
    case 'delete-api':
      return { method: 'DELETE', path: `/v1/apis/${operation.api}` }
    case 'bind': {
      const { api, gatewayId, stage, basePath } = operation
      return { method: 'POST', path: `/v1/apis/${api}/gateways`, body: { gatewayId, stage, basePath } }
    }
    case 'unbind':
      return { method: 'DELETE', path: `/v1/apis/${operation.api}/gateways/${operation.bindingId}` }
    case 'share': {
      const { api, organizationId, entitlement } = operation
      const { everySection, sections } = entitlement
      const body = {
        ...(everySection === null ? {} : { everySection }),
        ...(Object.keys(sections).length === 0 ? {} : { sections }),
      }
      return { method: 'PUT', path: `/v1/apis/${api}/shares/${organizationId}`, body }
    }
    case 'unshare':
      return { method: 'DELETE', path: `/v1/apis/${operation.api}/shares/${operation.organizationId}` }
    case 'hand-over': {
      const { api, organizationId } = operation
      return { method: 'PUT', path: `/v1/apis/${api}/owner`, body: { organizationId } }
    }
    case 'create-section': {
      const { api, name, entries, dashboard } = operation
      const body = { name, dashboard, endpoints: entriesBody(entries) }
      return { method: 'POST', path: `/v1/apis/${api}/sections`, body }
    }
    case 'replace-section': {
      const { api, name, entries, dashboard } = operation
      const body = { dashboard, endpoints: entriesBody(entries) }
      return { method: 'PUT', path: `/v1/apis/${api}/sections/${name}`, body }
    }
    case 'delete-section':
      return { method: 'DELETE', path: `/v1/apis/${operation.api}/sections/${operation.name}` }
    case 'import-sections': {
      const body = { document: documentOf(operation.title, operation.tags) }
      return { method: 'POST', path: `/v1/apis/${operation.api}/sections/import`, body }
    }
    case 'accept':
      return { method: 'POST', path: `/v1/users/me/memberships/${operation.organizationId}/accept` }
    case 'leave':
      return { method: 'DELETE', path: `/v1/users/me/memberships/${operation.organizationId}` }
    case 'confirm':
      return { method: 'POST', path: `/v1/users/${operation.userId}/membership/confirm` }
    case 'log-out':
      return { method: 'POST', path: '/v1/auth/logout' }
    case 'change-organization':
      return { method: 'PATCH', path: '/v1/organization', body: { name: operation.name } }
    case 'create-organization': {
      const { name, username } = operation
      return { method: 'POST', path: '/v1/organizations', body: { name, administrator: { username } } }
    }
    case 'tyk-user': {
      const { email, isAdmin, permissions, password } = operation
      const user_permissions = isAdmin ? { IsAdmin: 'admin' } : permissionsIn(permissions)
      const body = { email_address: email, active: true, password, user_permissions }
      return { method: 'POST', path: '/api/users', body }
    }
    case 'thousandeyes-user': {
      const { email, roles, loginAccountGroup: aid } = operation
      const loginAccountGroup = aid === null ? undefined : { aid }
      const body = { email, loginAccountGroup, ...rolesBody(roles) }
      return { method: 'POST', path: '/users/new', body }
    }
    case 'look': {
      const path = {
        user: `/v1/users/${operation.id}`,
        keys: `/v1/users/${operation.id}/keys`,
        api: `/v1/apis/${operation.id}`,
      }[operation.what]
      return { method: 'GET', path }
    }
    case 'log-in':
    case 'client-credentials':
    case 'act-as':
    case 'revoke':
    case 'reset-password':
      return undefined
  }
}

/** The call in one line, for people. */
export const sentenceOf = (operation: Operation): string => {
  const request = requestOf(operation)
  if (request === undefined) {
    const { kind, ...rest } = operation
    return `${kind} ${JSON.stringify(rest)}`
  }
  const { method, path, body } = request
  return `${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`
}
