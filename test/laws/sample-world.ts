import type { Api, Grants, Membership, MembershipStatus, Proof, User, World } from './world.ts'
import { noGrants } from './world.ts'

/** A small world for the tests of the oracle itself. */

let numbers = 100
const nextNumber = (): number => {
  numbers += 1
  return numbers
}

export const membership = (status: MembershipStatus, more: Partial<Membership> = {}): Membership => ({
  number: nextNumber(),
  status,
  disabled: false,
  loginGroup: null,
  roles: [],
  own: noGrants,
  impersonation: 'none',
  targets: [],
  ...more,
})

export const granting = (grants: Partial<Grants>): Grants => ({ ...noGrants, ...grants })

const user = (userId: string, home: string, memberships: Record<string, Membership>): User => ({
  userId,
  username: userId,
  home,
  status: 'active',
  email: null,
  password: null,
  lockedOut: false,
  memberships,
})

const api = (apiId: string, organizationId: string, more: Partial<Api> = {}): Api => ({
  apiId,
  name: apiId,
  audience: `https://${apiId}.example`,
  organizationId,
  bindings: [],
  sections: {},
  shares: {},
  ...more,
})

export const token = (of: User, organizationId: string = of.home, more: Partial<Proof> = {}): Proof => ({
  proofId: `${of.userId}-token`,
  kind: 'token',
  userId: of.userId,
  organizationId,
  membershipNumber: of.memberships[organizationId]?.number ?? 0,
  audience: null,
  actorId: null,
  aid: null,
  openedBy: null,
  state: 'live',
  ...more,
})

const managers = 1000

/**
 * Organization `one`, the first, owns `standard`, the API of unregistered gateways, and `shop`, shared with `two` (section north,
 * read). Account group 5 of `one` has a manager of its own. `guest` is at home in `two` and a guest in `one`.
 */
export const sampleWorld = (): World => {
  const admin = [{ roleId: 1, aid: null }]
  const onNorth = granting({ sections: [{ api: 'shop', section: 'north', level: 'read' }] })
  const users = [
    user('admin', 'one', { one: membership('home', { roles: admin }) }),
    user('manager', 'one', {
      one: membership('home', {
        own: granting({
          management: {
            'postern-users': 'write',
            'postern-credentials': 'write',
            'postern-access': 'write',
            'postern-apis': 'write',
          },
        }),
      }),
    }),
    user('group-manager', 'one', {
      one: membership('home', { loginGroup: 5, roles: [{ roleId: managers, aid: 5 }] }),
    }),
    user('plain', 'one', { one: membership('home', { own: onNorth }) }),
    user('in-group', 'one', { one: membership('home', { loginGroup: 5, roles: [{ roleId: 3, aid: 5 }] }) }),
    user('actor', 'one', { one: membership('home', { impersonation: 'full' }) }),
    user('other', 'two', { two: membership('home', { roles: admin }) }),
    user('other-plain', 'two', { two: membership('home', { own: granting({ ...onNorth }) }) }),
    user('guest', 'two', { two: membership('home'), one: membership('guest', { own: onNorth }) }),
  ]
  const apis = [
    api('standard', 'one'),
    api('shop', 'one', {
      bindings: [{ bindingId: 'b1', gatewayId: 'gw1', stage: '$default', basePath: '/shop' }],
      sections: {
        north: {
          importedFrom: null,
          dashboard: true,
          entries: [
            { pattern: 'GET /a', level: 'read' },
            { pattern: 'POST /a', level: 'write' },
          ],
        },
      },
      shares: { two: { everySection: null, sections: { north: 'read' } } },
    }),
  ]
  return {
    next: 10_000,
    first: 'one',
    defaultApi: 'standard',
    registered: ['gw1'],
    organizations: { one: { groups: [5] }, two: { groups: [] } },
    roles: {
      [`one/${managers}`]: granting({
        management: { 'postern-users': 'write', 'postern-credentials': 'write', 'postern-access': 'write' },
      }),
    },
    users: Object.fromEntries(users.map((one) => [one.userId, one])),
    apis: Object.fromEntries(apis.map((one) => [one.apiId, one])),
    proofs: Object.fromEntries(users.map((one) => [`${one.userId}-token`, token(one)])),
  }
}
