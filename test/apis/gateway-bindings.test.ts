import { beforeEach, describe, expect, it } from 'vitest'
import { readBindings } from '../../lib/apis/api-store.ts'
import type { GivenGateway } from '../../lib/apis/gateway-bindings.ts'
import { releaseGateway } from '../../lib/apis/gateway-bindings.ts'
import { deleteApi } from '../../lib/apis/manage-apis.ts'
import { handOverApi } from '../../lib/apis/share-api.ts'
import type { ApiId, BindingId } from '../../lib/secrets/key-id.ts'
import { allItems } from '../fresh-table.ts'
import { origin } from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import type { ApiScene } from './api-scene.ts'
import { apiScene } from './api-scene.ts'

let scene: ApiScene

beforeEach(async () => {
  scene = await apiScene()
})

const gatewayId = 'a1b2c3d4e5'
const place = (more: Partial<GivenGateway> = {}): GivenGateway => ({
  gatewayId,
  stage: '$default',
  basePath: '/',
  ...more,
})
const release = async (apiId: ApiId, bindingId: BindingId, caller = scene.admin()) =>
  releaseGateway(scene.dependencies, await caller, { apiId, bindingId }, origin)
const bound = async (id = gatewayId) =>
  (await readBindings(scene.table, id))?.map(({ stage, basePath, apiId }) => [stage, basePath, apiId])

describe('binding a gateway', () => {
  it('is for administrators of the first organization, also when an API is made', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    const ours = await scene.make({
      username: 'api-manager',
      permissions: { 'postern-apis': 'write', 'postern-organization': 'write' },
      role: 'Regular User',
    })
    const manager = scene.callerWith(ours.token)
    const refused = [
      scene.bind(theirs.apiId, {}, scene.provider.admin()),
      scene.bind(scene.apiId, {}, scene.provider.admin()),
      scene.bind(scene.apiId, {}, manager),
      scene.create({ name: 'x', gateways: [place()] }, scene.provider.admin()),
      scene.create({ name: 'x', gateways: [place()] }, manager),
    ]
    expect((await Promise.all(refused.map(refusal))).map(({ code }) => code)).toEqual(
      refused.map(() => 'access_denied'),
    )
    expect(await bound()).toBeUndefined()
    expect((await refusal(scene.create({ name: 'x', gateways: [] }, scene.provider.admin()))).code).toBe('ok')
  })

  it('says which API serves it: one of their own, or one of another organization', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    const first = await scene.bind(scene.apiId, { basePath: '/shop' })
    const second = await scene.bind(theirs.apiId, { basePath: '/crm' })
    expect(await bound()).toEqual([
      ['$default', '/shop', scene.apiId],
      ['$default', '/crm', theirs.apiId],
    ])
    expect((await scene.stored(scene.apiId)).gateways).toEqual([first])
    expect((await scene.stored(theirs.apiId)).gateways).toEqual([second])
    expect((await refusal(scene.bind('api_000000000000', {}))).code).toBe('not_found')
  })

  it('has one claim for each gateway, stage and path', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    await scene.bind(scene.apiId, { basePath: '/shop' })
    for (const apiId of [scene.apiId, theirs.apiId])
      expect(await refusal(scene.bind(apiId, { basePath: '/shop' }))).toMatchObject({
        code: 'name_taken',
        paths: ['basePath'],
      })
    for (const free of [{ stage: 'prod' }, { gatewayId: 'f6g7h8i9j0' }, { basePath: '/shop2' }])
      expect((await refusal(scene.bind(theirs.apiId, { basePath: '/shop', ...free }))).code).toBe('ok')
    const twice = { name: 'twice', gateways: [place({ basePath: '/x' }), place({ basePath: '/x' })] }
    expect(await refusal(scene.create(twice))).toMatchObject({
      code: 'name_taken',
      paths: [expect.stringContaining('gateways.1')],
    })
    expect((await scene.policy()).apis).toHaveLength(1)
  })

  it('takes no requests from within another organization’s path, and leaves room beside and around it', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    const others = await scene.create({ name: 'desk' }, scene.customer.admin())
    await scene.bind(theirs.apiId, { basePath: '/crm' })
    for (const apiId of [scene.apiId, others.apiId]) {
      expect(await refusal(scene.bind(apiId, { basePath: '/crm/v2' }))).toMatchObject({
        code: 'name_taken',
        messages: "lies within the path of another organization's API",
      })
      expect((await refusal(scene.bind(apiId, { basePath: `/crm2/${apiId}` }))).code).toBe('ok')
    }
    expect((await refusal(scene.bind(theirs.apiId, { basePath: '/crm/v2' }))).code).toBe('ok')
    const another = await scene.create({ name: 'sales' }, scene.provider.admin())
    expect((await refusal(scene.bind(another.apiId, { basePath: '/crm/v3' }))).code).toBe('ok')
    // Around it, only what nobody claims goes to the new one.
    expect((await refusal(scene.bind(others.apiId, { basePath: '/' }))).code).toBe('ok')
    // In the root of another organization all is taken.
    expect((await refusal(scene.bind(scene.apiId, { basePath: '/anything' }))).code).toBe('name_taken')
    expect((await refusal(scene.bind(scene.apiId, { basePath: '/anything', stage: 'prod' }))).code).toBe('ok')
  })

  it('may give a part of the first organization’s own path to another one', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    await scene.bind(scene.apiId, { basePath: '/' })
    expect((await refusal(scene.bind(theirs.apiId, { basePath: '/crm' }))).code).toBe('ok')
    expect((await refusal(scene.bind(scene.apiId, { basePath: '/crm/v2' }))).code).toBe('name_taken')
  })

  it('takes several gateways at once, also within the paths of one other API', async () => {
    await scene.bind(scene.apiId, {})
    await scene.bind(scene.apiId, { gatewayId: 'f6g7h8i9j0' })
    const gateways = [place({ basePath: '/crm' }), place({ gatewayId: 'f6g7h8i9j0', basePath: '/crm' })]
    expect((await refusal(scene.create({ name: 'crm', gateways }))).code).toBe('ok')
  })

  it('is in the audit of both organizations', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    const gateway = await scene.bind(theirs.apiId, { basePath: '/crm' })
    const changes = [{ field: 'gateway', before: null, after: gateway }]
    expect(await scene.audit(scene.organizationId, 'api.gateway-bound')).toMatchObject([
      { targetId: theirs.apiId, actor: { userId: scene.administratorId }, address: origin.address, changes },
    ])
    expect(await scene.audit(scene.provider.organizationId, 'api.gateway-bound')).toMatchObject([
      {
        targetId: theirs.apiId,
        // Which organization it was, and nobody's name or address.
        actor: { kind: 'organization', organizationId: scene.organizationId, userId: null },
        address: null,
        changes,
      },
    ])
  })
})

describe('releasing a gateway', () => {
  it('is for the owner of the API alone', async () => {
    const theirs = await scene.create({}, scene.provider.admin())
    const { bindingId } = await scene.bind(theirs.apiId, { basePath: '/crm' })
    expect((await refusal(release(theirs.apiId, bindingId))).code).toBe('not_found')
    expect((await refusal(release(theirs.apiId, bindingId, scene.customer.admin()))).code).toBe('not_found')
    // The binding of one API is not released by way of another.
    expect((await refusal(release(scene.apiId, bindingId))).code).toBe('not_found')
    expect(await bound()).toHaveLength(1)
    expect((await refusal(release(theirs.apiId, bindingId, scene.provider.admin()))).code).toBe('ok')
    expect((await refusal(release(theirs.apiId, bindingId, scene.provider.admin()))).code).toBe('not_found')
    expect((await scene.stored(theirs.apiId)).gateways).toEqual([])
    expect(await scene.audit(scene.provider.organizationId, 'api.gateway-released')).toHaveLength(1)
  })

  it('leaves the gateway known, and so closed, also when its API is deleted', async () => {
    const crm = await scene.create({})
    await scene.bind(crm.apiId, { basePath: '/crm' })
    const { bindingId } = await scene.bind(scene.apiId, { basePath: '/shop' })
    await release(scene.apiId, bindingId)
    expect(await bound()).toEqual([['$default', '/crm', crm.apiId]])
    await deleteApi(scene.dependencies, await scene.admin(), crm.apiId, origin)
    expect(await bound()).toEqual([])
    expect((await refusal(scene.bind(scene.apiId, { basePath: '/crm' }))).code).toBe('ok')
  })
})

describe('two at once', () => {
  it('leave no binding to an API that is deleted meanwhile', async () => {
    const { apiId } = await scene.create({})
    let isBound = false
    const write: typeof scene.dependencies.write = async (writes) => {
      const isDeletion = writes.some(({ label, ...each }) => label === 'api' && 'delete' in each)
      if (isDeletion && !isBound) {
        isBound = true
        await scene.bind(apiId, { basePath: '/crm' })
      }
      return await scene.dependencies.write(writes)
    }
    await deleteApi({ ...scene.dependencies, write }, await scene.admin(), apiId, origin)
    expect(isBound).toBe(true)
    expect(await bound()).toEqual([])
  })

  it('never get one place', async () => {
    const apis = await Promise.all(
      ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => scene.create({ name })),
    )
    const outcomes = await Promise.all(
      apis.map(({ apiId }) => refusal(scene.bind(apiId, { basePath: '/crm' }))),
    )
    expect(outcomes.map(({ code }) => code).toSorted()).toEqual([
      ...Array.from({ length: 5 }, () => 'name_taken'),
      'ok',
    ])
    expect(await bound()).toHaveLength(1)
    const holding = (await allItems(scene.table)).filter(
      (item) => Array.isArray(item['gateways']) && item['gateways'].length > 0,
    )
    expect(holding).toHaveLength(1)
  })

  it('lose no binding of one gateway, or of one API', async () => {
    await Promise.all(
      Array.from({ length: 6 }, (_, index) => scene.bind(scene.apiId, { basePath: `/s${index}` })),
    )
    expect(await bound()).toHaveLength(6)
    expect((await scene.stored(scene.apiId)).gateways).toHaveLength(6)
  })

  it('hand an API over and bind within its path: never both', async () => {
    const around = await scene.create({ name: 'around' })
    await scene.bind(around.apiId, { basePath: '/crm' })
    const { organizationId } = scene.provider
    const handing = handOverApi(
      scene.dependencies,
      await scene.admin(),
      { apiId: around.apiId, organizationId },
      origin,
    )
    const within = scene.bind(scene.apiId, { basePath: '/crm/v2' })
    const [handed, nested] = await Promise.all([refusal(handing), refusal(within)])
    expect(handed.code).toBe('ok')
    // Bound before, it stays; after, it is refused. What it never is, is bound after all.
    const isBound = ((await bound()) ?? []).some(([, basePath]) => basePath === '/crm/v2')
    expect(['ok', 'name_taken']).toContain(nested.code)
    expect(isBound).toBe(nested.code === 'ok')
    expect((await refusal(scene.bind(scene.apiId, { basePath: '/crm/v3' }))).code).toBe('name_taken')
  })
})
