import { beforeAll, describe, expect, it } from 'vitest'
import { createIntegrationVendor } from '../../lib/policy/manage-integration-vendors.ts'
import { changeUser } from '../../lib/users/change-user.ts'
import { listUsers } from '../../lib/users/list-users.ts'
import type { User } from '../../lib/users/user-shape.ts'
import type { MembershipScene } from '../guests/membership-scene.ts'
import { anything, membershipScene, offered } from '../guests/membership-scene.ts'
import { origin } from '../organizations/organization.ts'

type Query = Parameters<typeof listUsers>[2]
type Dependencies = Parameters<typeof listUsers>[0]

let scene: MembershipScene
let vendorId: `vnd_${string}`
beforeAll(async () => {
  scene = await membershipScene(['directory'])
  const { dependencies, admin, make, invite, accept, host } = scene
  vendorId = (await createIntegrationVendor(dependencies, await admin(), 'Acme', origin)).vendorId
  const change = async (userId: User['userId'], fields: Parameters<typeof changeUser>[3], by = admin()) =>
    changeUser(dependencies, await by, userId, fields, anything, origin)

  await make({ username: 'permitted', permissions: { orders: 'read' } })
  const pointed = await make({ username: 'pointed', endpoints: ['GET /orders'], role: 'User' })
  await change(pointed.user.userId, { status: 'disabled' })
  await make({ username: 'acting', impersonation: 'full', integrationVendor: vendorId })
  const former = await make({ username: 'former', permissions: { orders: 'read' }, accessLevel: 'dashboard' })
  await change(former.user.userId, { permissions: {}, integrationVendor: vendorId })
  await make({ username: 'roles-only', role: 'User', loginAccountGroup: 1 })

  const guests = ['guest', 'disabled-guest', 'enabled-guest', 'invited', 'invited-disabled']
  for (const username of guests) {
    const { user, caller } = await make({ username, accessLevel: 'dashboard' })
    await invite(username, username === 'guest' ? offered : {})
    if (!username.startsWith('invited')) await accept(caller)
    if (username !== 'guest' && username !== 'invited') await change(user.userId, { status: 'disabled' })
    if (username === 'enabled-guest') await change(user.userId, { status: 'active' })
  }
  await change(host.administratorId, { accessLevel: 'dashboard' }, host.admin())
})

const listAs = async (
  who: 'home' | 'host',
  query: Query,
  dependencies: Dependencies = scene.dependencies,
) => {
  const caller = await (who === 'home' ? scene.admin() : scene.host.admin())
  const users: User[] = []
  let cursor: string | undefined
  do {
    const page = await listUsers(dependencies, caller, {
      ...query,
      ...(cursor === undefined ? {} : { cursor }),
    })
    users.push(...page.users)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return users
}
const names = (users: readonly User[]): string[] => users.map(({ username }) => username)

/** Naive: what a filter says, of a user as the API shows it. */
const filters: readonly (readonly [Query, (user: User) => boolean])[] = [
  [{ status: 'active' }, ({ status }) => status === 'active'],
  [{ status: 'disabled' }, ({ status }) => status === 'disabled'],
  [{ accessLevel: 'api' }, ({ accessLevel }) => accessLevel === 'api'],
  [{ accessLevel: 'dashboard' }, ({ accessLevel }) => accessLevel === 'dashboard'],
  ...(['home', 'guest', 'invited', 'suspended'] as const).map(
    (wanted) => [{ membership: wanted }, ({ membership }: User) => membership === wanted] as const,
  ),
  ...[true, false].map(
    (wanted) =>
      [
        { hasOwnGrants: wanted },
        ({ permissions, endpoints, impersonation }: User) =>
          wanted ===
          (Object.keys(permissions).length > 0 || endpoints.length > 0 || impersonation !== 'none'),
      ] as const,
  ),
]

describe('a filter of the list', () => {
  it('shows whom it fits as the organization sees them, at home and as guests, over pages of any size', async () => {
    for (const who of ['home', 'host'] as const) {
      const all = await listAs(who, {})
      expect(all.length).toBe(who === 'home' ? 11 : 6)
      for (const [query, fits] of filters) {
        const wanted = names(all.filter(fits))
        for (const limit of [1, 2, 50])
          expect([who, query, limit, names(await listAs(who, { ...query, limit }))]).toEqual([
            ...[who, query, limit],
            wanted,
          ])
        expect(names(await listAs(who, { ...query, order: 'descending', limit: 2 }))).toEqual(
          wanted.toReversed(),
        )
      }
    }
  })

  it('is not met by everybody or nobody here', async () => {
    for (const [query, fits] of filters) {
      const fitting = [...(await listAs('home', {})), ...(await listAs('host', {}))].map(fits)
      expect([query, new Set(fitting).size]).toEqual([query, 2])
    }
  })

  it('must be met together with all others', async () => {
    const found = async (query: Query) => names(await listAs('home', query))
    expect(await found({ hasOwnGrants: true, status: 'disabled' })).toEqual(['pointed'])
    expect(await found({ hasOwnGrants: true, integrationVendor: vendorId })).toEqual(['acting'])
    expect(await found({ hasOwnGrants: false, integrationVendor: vendorId })).toEqual(['former'])
    expect(await found({ hasOwnGrants: true, role: 'User' })).toEqual(['pointed'])
    expect(await found({ hasOwnGrants: false, accountGroup: 1 })).toEqual(['roles-only'])
  })

  it('reads no user whom the directory lists otherwise', async () => {
    const read: string[] = []
    const readMembersAt: Dependencies['readMembersAt'] = async (memberships) => {
      read.push(...memberships.map(({ directorySk }) => directorySk))
      return scene.dependencies.readMembersAt(memberships)
    }
    await listAs('home', { status: 'disabled' }, { ...scene.dependencies, readMembersAt })
    expect(read).toEqual(['disabled-guest', 'invited-disabled', 'pointed'])
    read.splice(0)
    const both = { status: 'disabled', accessLevel: 'dashboard' } as const
    await listAs('home', both, { ...scene.dependencies, readMembersAt })
    expect(read).toEqual(['disabled-guest', 'invited-disabled'])
    read.splice(0)
    await listAs('host', { membership: 'guest' }, { ...scene.dependencies, readMembersAt })
    expect(read).toEqual(['disabled-guest', 'guest'])
  })

  it('leaves out whom the directory still lists as before', async () => {
    const stale: Dependencies['readDirectoryPage'] = (organizationId, { listedAs: _, ...query }) =>
      scene.dependencies.readDirectoryPage(organizationId, query)
    const found = await listAs(
      'home',
      { status: 'disabled', limit: 2 },
      { ...scene.dependencies, readDirectoryPage: stale },
    )
    expect(names(found)).toEqual(['disabled-guest', 'invited-disabled', 'pointed'])
  })

  it('ends a page after a thousand users, all of whom are left out, and goes on behind them', async () => {
    let reads = 0
    const asked: (number | null)[] = []
    const position = { canonicalUsername: 'm', userId: 'usr_m' as const }
    const readDirectoryPage: Dependencies['readDirectoryPage'] = async (_, { count, after }) => {
      reads += 1
      asked.push(count)
      return after === null || reads < 3
        ? { memberships: [], examined: count ?? 0, next: position }
        : { memberships: [], examined: 1, next: null }
    }
    const dependencies = { ...scene.dependencies, readDirectoryPage }
    const page = await listUsers(dependencies, await scene.admin(), { status: 'disabled' })
    expect(page).toEqual({ users: [], nextCursor: 'usr_m m' })
    expect(asked).toEqual([100, 900])
    expect(await listAs('home', { status: 'disabled' }, dependencies)).toEqual([])
  })
})
