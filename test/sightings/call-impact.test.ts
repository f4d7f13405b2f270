import { beforeEach, describe, expect, it } from 'vitest'
import type { SeenCall } from '../../lib/contract/call-impact.ts'
import type { Member } from '../../lib/identity/member.ts'
import type { StoredMembership } from '../../lib/identity/stored-membership.ts'
import type { StoredUser } from '../../lib/identity/stored-user.ts'
import { readMember } from '../../lib/identity/user-store.ts'
import type { ApiId } from '../../lib/secrets/key-id.ts'
import { callImpactOf } from '../../lib/sightings/call-impact.ts'
import type { Sightings } from '../../lib/sightings/sighting-endpoints.ts'
import { noProviderRanges } from '../../lib/whitelist/match.ts'
import type { AccessScene } from '../policy/access-scene.ts'
import { accessScene } from '../policy/access-scene.ts'

let scene: AccessScene
let member: Member

beforeEach(async () => {
  scene = await accessScene()
  const { user } = await scene.make({ username: 'partner', permissions: { orders: 'read' } })
  const made = await readMember(scene.table, user.userId, scene.organizationId)
  if (made === undefined) throw new Error('the user was not made')
  member = made
})

const seen = { credential: 'key_1', firstSeenAt: '', lastSeenAt: '', count: 3 }
/** At the API `shop` unless given. */
const call = (
  endpoint: string,
  api: ApiId | 'postern' = scene.apiId,
  aid: number | null = null,
): SeenCall => ({
  ...seen,
  api,
  endpoint,
  aid,
  needs: api === 'postern' ? { section: 'postern-users', level: 'read' } : null,
})
const sightings = (addresses: readonly string[], endpoints: readonly SeenCall[]): Sightings => ({
  addresses: addresses.map((address) => ({ ...seen, address, refused: 0 })),
  endpoints: [...endpoints],
})

type Change = { readonly user?: Partial<StoredUser>; readonly membership?: Partial<StoredMembership> }

/** What is refused after the change, in short. */
const refusedAfter = async (change: Change, given: Sightings, required = false) => {
  const admin = await scene.admin()
  const { organization } = admin.snapshot
  if (organization === null) throw new Error('no organization')
  const snapshot = { ...admin.snapshot, organization: { ...organization, whitelistRequired: required } }
  const after = {
    user: { ...member.user, ...change.user },
    membership: { ...member.membership, ...change.membership },
  }
  const apis = await scene.dependencies.readApis([scene.apiId])
  const report = callImpactOf(after, { ...admin, snapshot }, given, noProviderRanges, apis)
  expect(report.seen).toEqual({ addresses: given.addresses.length, endpoints: given.endpoints.length })
  return [
    ...report.refusedAddresses.map(({ address }) => address),
    ...report.refusedEndpoints.map(
      ({ api, endpoint }) => `${api === scene.apiId ? 'shop' : api} ${endpoint}`,
    ),
  ]
}

/** As it is stored: by the id of the API. */
const ordersAt = (level: 'read' | 'write') => ({ [`${scene.apiId}/orders`]: level })

describe('what a change would refuse', () => {
  const usual = () =>
    sightings(
      ['203.0.113.7', '2001:db8::7'],
      [call('GET /orders'), call('GET /orders/{id}'), call('POST /orders')],
    )

  it('is nothing that the user may still do', async () => {
    expect(await refusedAfter({ membership: { permissions: ordersAt('write') } }, usual())).toEqual([])
  })

  it('is what the permissions left do not cover, ids in the path or not', async () => {
    expect(await refusedAfter({}, usual())).toEqual(['shop POST /orders'])
    const single = { membership: { permissions: {}, endpoints: [`${scene.apiId} GET /orders/{id}`] } }
    expect(await refusedAfter(single, usual())).toEqual(['shop GET /orders', 'shop POST /orders'])
    const everyCall = ['shop GET /orders', 'shop GET /orders/{id}', 'shop POST /orders']
    expect(await refusedAfter({ membership: { permissions: {} } }, usual())).toEqual(everyCall)
  })

  it('is whatever was seen at an API that is gone, or that its owner does not share any more', async () => {
    const elsewhere = sightings([], [call('GET /orders', 'api_000000000009')])
    const everything = { membership: { allAccountGroupRoles: [1] } }
    expect(await refusedAfter(everything, elsewhere)).toHaveLength(1)
    expect(await refusedAfter(everything, usual())).toEqual([])
  })

  it('is a call behind an open tail, unless every call there may still be made', async () => {
    const open = sightings([], [call('GET /free/*')])
    const left = (...endpoints: string[]) =>
      refusedAfter(
        { membership: { permissions: {}, endpoints: endpoints.map((text) => `${scene.apiId} ${text}`) } },
        open,
      )
    expect(await left('GET /free/*')).toEqual([])
    expect(await left('* /*')).toEqual([])
    expect(await left('GET /free/{name}')).toHaveLength(1)
    expect(await left('GET /free/{name}', 'GET /free/{name}/{part}')).toHaveLength(1)
    expect(await left('GET /free/{name}/*')).toHaveLength(1)
  })

  it('is every address outside the whitelist, and none without one, unless one is demanded', async () => {
    const addresses = sightings(['203.0.113.7', '2001:db8::7', 'no address'], [])
    const whitelist = ['203.0.113.0/24']
    expect(await refusedAfter({ user: { whitelist } }, addresses)).toEqual(['2001:db8::7', 'no address'])
    expect(await refusedAfter({}, addresses)).toEqual([])
    expect(await refusedAfter({}, addresses, true)).toHaveLength(3)
    // Without a list of the provider its word lets nobody in.
    expect(await refusedAfter({ user: { whitelist: ['AWS'] } }, addresses)).toHaveLength(3)
  })

  it('is everything once the user is disabled or its membership suspended', async () => {
    const shut = [
      { user: { status: 'disabled' } },
      { membership: { status: 'invited' } },
      { membership: { status: 'suspended' } },
    ] as const
    for (const change of shut) expect(await refusedAfter(change, usual())).toHaveLength(5)
  })

  it('keeps the two kinds of API apart: permissions for one give nothing at the other', async () => {
    const both = sightings([], [call('GET /v1/users', 'postern'), call('GET /v1/users')])
    const mayRead = { membership: { permissions: { 'postern-users': 'read' as const } } }
    expect(await refusedAfter(mayRead, both)).toEqual(['shop GET /v1/users'])
    expect(await refusedAfter({}, both)).toHaveLength(2)
  })

  it('looks at protected APIs in the login account group that the change leaves, at its own in that of the call', async () => {
    const roles = { permissions: {}, accountGroupRoles: [{ aid: 1, roles: [6] }] }
    const calls = sightings([], [call('GET /orders', scene.apiId, 1)])
    expect(await refusedAfter({ membership: { ...roles, loginAccountGroup: 1 } }, calls)).toEqual([])
    expect(await refusedAfter({ membership: { ...roles, loginAccountGroup: null } }, calls)).toEqual([
      'shop GET /orders',
    ])
    const manager = { permissions: {}, accountGroupRoles: [{ aid: 1, roles: [5] }], loginAccountGroup: null }
    const own = sightings([], [call('GET /v1/users', 'postern', 1), call('GET /v1/users', 'postern')])
    expect(await refusedAfter({ membership: manager }, own)).toEqual(['postern GET /v1/users'])
  })
})
