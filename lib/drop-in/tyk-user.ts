import { administratorRoleIds } from '../decision/role.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { User as UserView } from '../users/user-shape.ts'
import type { TykShownUser } from './tyk-endpoints.ts'
import { tykSections } from './tyk-permissions.ts'

const never = '0001-01-01T00:00:00Z'

const tykNames = new Map([...tykSections].map(([name, here]) => [here as string | null, name]))

export const tykUser = (user: UserView, organizationId: OrganizationId): TykShownUser => {
  const isAdministrator = user.allAccountGroupRoles.some(({ roleId }) =>
    administratorRoleIds.includes(roleId),
  )
  const named = Object.entries(user.permissions).map(([section, level]) => [
    tykNames.get(section) ?? section,
    level,
  ])
  return {
    api_model: {},
    first_name: user.firstName,
    last_name: user.lastName,
    email_address: user.email ?? user.username,
    org_id: organizationId,
    active: user.status === 'active',
    id: user.userId,
    access_key: '',
    user_permissions: { ...(isAdministrator ? { IsAdmin: 'admin' } : {}), ...Object.fromEntries(named) },
    group_id: '',
    password_max_days: 0,
    created_at: user.createdAt,
    last_login_date: user.lastLoginAt ?? never,
  }
}

const pageSize = 100

/** @param page from 1; negative = all users. */
export const tykPage = (
  users: readonly UserView[],
  organizationId: OrganizationId,
  page = 1,
): { users: TykShownUser[]; pages: number } => {
  const from = (Math.max(page, 1) - 1) * pageSize
  const shown = page < 0 ? users : users.slice(from, from + pageSize)
  return {
    users: shown.map((user) => tykUser(user, organizationId)),
    pages: page < 0 ? 1 : Math.max(1, Math.ceil(users.length / pageSize)),
  }
}
