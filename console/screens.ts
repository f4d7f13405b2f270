import type { ComponentType } from 'preact'
import type { Needs } from './client/rights.ts'
import { holds } from './client/rights.ts'
import type { Me } from './client/session.ts'
import type { IconName } from './parts/icon.tsx'
import type { Params } from './router.ts'
import { matched } from './router.ts'
import { texts } from './texts/en.ts'

export type ScreenRow = {
  /** Below `/console`; `:name` matches one segment, which the screen gets in `params`. */
  readonly path: string
  readonly title: string
  /** Where the sidebar has it; absent = it is reached from another screen. */
  readonly menu?: { readonly group: keyof typeof texts.shell.groups; readonly icon: IconName }
  /** Absent = every user may open it. */
  readonly needs?: Needs
  /** For people who are not signed in, too, and without the sidebar. */
  readonly isOpenToAll?: true
  /** The screen is a chunk of its own, loaded when it is opened. */
  readonly load: () => Promise<{ readonly Screen: ComponentType<{ readonly params: Params }> }>
}

/** All screens, in the order of the sidebar. The first one that the user may open is the start. */
export const screens: readonly ScreenRow[] = [
  {
    path: '/users',
    title: texts.users.title,
    menu: { group: 'access', icon: 'users' },
    needs: { section: 'postern-users', level: 'read' },
    load: () => import('./screens/users/users.tsx'),
  },
  {
    path: '/users/:userId',
    title: texts.user.title,
    needs: { section: 'postern-users', level: 'read' },
    load: () => import('./screens/user/user.tsx'),
  },
  {
    path: '/roles',
    title: texts.roles.title,
    menu: { group: 'access', icon: 'roles' },
    needs: { section: 'postern-access', level: 'read' },
    load: () => import('./screens/roles/roles.tsx'),
  },
  {
    path: '/roles/:roleId',
    title: texts.roles.one,
    needs: { section: 'postern-access', level: 'read' },
    load: () => import('./screens/roles/role.tsx'),
  },
  {
    path: '/account-groups',
    title: texts.accountGroups.title,
    menu: { group: 'access', icon: 'groups' },
    needs: { section: 'postern-access', level: 'read' },
    load: () => import('./screens/account-groups/account-groups.tsx'),
  },
  {
    path: '/vendors',
    title: texts.vendors.title,
    menu: { group: 'access', icon: 'vendors' },
    needs: { section: 'postern-access', level: 'read' },
    load: () => import('./screens/vendors/vendors.tsx'),
  },
  {
    path: '/account',
    title: texts.account.title,
    load: () => import('./screens/account/account.tsx'),
  },
  {
    path: '/denials',
    title: texts.denials.title,
    menu: { group: 'watch', icon: 'denials' },
    needs: { section: 'postern-access', level: 'read' },
    load: () => import('./screens/denials/denials.tsx'),
  },
  {
    path: '/denials/:requestId',
    title: texts.denials.one,
    needs: { section: 'postern-access', level: 'read' },
    load: () => import('./screens/denials/denial.tsx'),
  },
  {
    path: '/explain',
    title: texts.explain.title,
    menu: { group: 'watch', icon: 'search' },
    needs: { section: 'postern-access', level: 'read' },
    load: () => import('./screens/denials/explain.tsx'),
  },
  {
    path: '/usage',
    title: texts.usage.title,
    menu: { group: 'watch', icon: 'usage' },
    needs: { section: 'postern-audit', level: 'read' },
    load: () => import('./screens/usage/usage.tsx'),
  },
  {
    path: '/sources',
    title: texts.sources.title,
    menu: { group: 'watch', icon: 'sources' },
    needs: { section: 'postern-users', level: 'read' },
    load: () => import('./screens/sources/sources.tsx'),
  },
  {
    path: '/expiries',
    title: texts.expiries.title,
    menu: { group: 'watch', icon: 'expiries' },
    needs: { section: 'postern-credentials', level: 'read' },
    load: () => import('./screens/expiries/expiries.tsx'),
  },
  {
    path: '/audit',
    title: texts.audit.title,
    menu: { group: 'watch', icon: 'audit' },
    needs: { section: 'postern-audit', level: 'read' },
    load: () => import('./screens/audit/audit.tsx'),
  },
  {
    path: '/second-factors',
    title: texts.secondFactors.title,
    menu: { group: 'you', icon: 'account' },
    load: () => import('./screens/second-factors/second-factors.tsx'),
  },
  {
    path: '/apis',
    title: texts.apis.title,
    menu: { group: 'access', icon: 'apis' },
    needs: { section: 'postern-apis', level: 'read' },
    load: () => import('./screens/apis/apis.tsx'),
  },
  {
    path: '/apis/:api',
    title: texts.api.title,
    needs: { section: 'postern-apis', level: 'read' },
    load: () => import('./screens/api/api.tsx'),
  },
  {
    path: '/organization',
    title: texts.organization.title,
    menu: { group: 'organization', icon: 'organization' },
    needs: { section: 'postern-organization', level: 'read' },
    load: () => import('./screens/organization/organization.tsx'),
  },
  {
    path: '/provider-lists',
    title: texts.providers.title,
    menu: { group: 'organization', icon: 'providers' },
    needs: { section: 'postern-whitelist', level: 'read' },
    load: () => import('./screens/providers/providers.tsx'),
  },
  {
    path: '/provider-lists/:provider',
    title: texts.providers.title,
    needs: { section: 'postern-whitelist', level: 'read' },
    load: () => import('./screens/provider/provider.tsx'),
  },
]

/** The screen of a path, with the values of its parameters. */
export const screenAt = (path: string): { readonly row: ScreenRow; readonly params: Params } | null => {
  for (const row of screens) {
    const params = matched(row.path, path)
    if (params !== null) return { row, params }
  }
  return null
}

export const mayOpen = (me: Me, { needs }: Pick<ScreenRow, 'needs'>): boolean =>
  needs === undefined || holds(me, needs)
