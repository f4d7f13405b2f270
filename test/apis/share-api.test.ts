import { beforeEach, describe, expect, it } from 'vitest'
import { bindGateway, releaseGateway } from '../../lib/apis/gateway-bindings.ts'
import { changeApi, deleteApi, showApi } from '../../lib/apis/manage-apis.ts'
import { createSection, deleteSection } from '../../lib/apis/sections/manage-sections.ts'
import { listSections } from '../../lib/apis/sections/show-sections.ts'
import { handOverApi, shareApi } from '../../lib/apis/share-api.ts'
import type { ShareBody } from '../../lib/apis/share-endpoints.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'
import { origin } from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import { begin, end, readOrders, scene, seenByCustomer, share } from './share-scene.ts'

beforeEach(begin)

describe('a share', () => {
  it('lets the other organization give its users what is shared, and no more', async () => {
    await share(readOrders)
    const clerk = await scene.customer.make({ username: 'clerk', permissions: { orders: 'read' } })
    const writer = await scene.customer.make({ username: 'writer', permissions: { orders: 'write' } })
    const { token } = scene.customer
    expect(await scene.protectedApi(clerk.token, 'GET /orders')).toBe('allowed')
    for (const who of [clerk.token, writer.token, token]) {
      expect(await scene.protectedApi(who, 'POST /orders')).toBe('share_exceeded')
      expect(await scene.protectedApi(who, 'GET /stock')).toBe('share_exceeded')
      expect(await scene.protectedApi(who, 'GET /in/no/section')).toBe('share_exceeded')
    }
    const stock = scene.customer.make({ username: 'x', permissions: { stock: 'read' } })
    expect(await refusal(stock)).toMatchObject({ code: 'invalid_request', paths: ['permissions.stock'] })
    expect(await scene.protectedApi(scene.provider.token, 'GET /orders')).toBe('api_unknown')
  })

  it('is made or changed on the version that was seen: 0 where there was none', async () => {
    const { version } = await share({ ...readOrders, version: 0 })
    expect(await refusal(share({ sections: {}, version: 0 }))).toMatchObject({ code: 'version_conflict' })
    await share(readOrders, scene.admin(), scene.provider.organizationId)
    expect((await share({ ...readOrders, version })).version).toBe(version)
    expect((await share({ sections: {}, version })).version).toBeGreaterThan(version)
  })

  it('shows the other organization what is shared, and nothing else of the API', async () => {
    const { organizationId: provider } = scene.provider
    await scene.bind(scene.apiId, { basePath: '/shop' })
    await share(readOrders, scene.admin(), provider)
    const shared = await share(readOrders)
    const caller = await scene.customer.admin()
    expect(await showApi(scene.dependencies, caller, 'shop')).toMatchObject({
      apiId: scene.apiId,
      organizationId: scene.organizationId,
      gateways: [],
      sections: ['orders'],
      sharedWith: [shared],
    })
    const listed = (await listSections(scene.dependencies, caller)).filter(({ api }) => api !== null)
    expect(listed.map(({ name }) => name)).toEqual(['orders'])
  })

  it('lets the other organization change, pass on, bind and delete nothing', async () => {
    const { bindingId } = await scene.bind(scene.apiId, { basePath: '/shop' })
    await share({ everySection: { level: 'write' } })
    const caller = await scene.customer.admin()
    const { dependencies, apiId } = scene
    const gateway = { gatewayId: 'f6g7h8i9j0', stage: '$default', basePath: '/' }
    const attempts = [
      share(readOrders, scene.customer.admin(), scene.provider.organizationId),
      share({ everySection: { level: 'write' } }, scene.customer.admin()),
      changeApi(dependencies, caller, apiId, { name: 'mine' }, origin),
      deleteApi(dependencies, caller, apiId, origin),
      createSection(dependencies, caller, apiId, { name: 'all', endpoints: ['* /*'] }, origin),
      releaseGateway(dependencies, caller, { apiId, bindingId }, origin),
    ]
    expect((await Promise.all(attempts.map(refusal))).map(({ code }) => code)).toEqual(
      attempts.map(() => 'not_found'),
    )
    expect((await refusal(bindGateway(dependencies, caller, apiId, gateway, origin))).code).toBe(
      'access_denied',
    )
  })

  it('gives at most what its giver holds for every account group; narrowing needs no right', async () => {
    const { token } = await scene.make({
      username: 'sharer',
      permissions: { 'postern-apis': 'write', orders: 'read' },
    })
    const code = async (body: ShareBody) => (await refusal(share(body, scene.callerWith(token)))).code
    expect(await code({ sections: { orders: 'write' } })).toBe('grant_not_held')
    expect(await code({ sections: { orders: 'read', stock: 'read' } })).toBe('grant_not_held')
    expect(await code({ everySection: { level: 'read' } })).toBe('grant_not_held')
    // Every section but those that it does not hold may gain one tomorrow.
    expect(await code({ everySection: { level: 'read', except: ['stock'] } })).toBe('grant_not_held')
    expect(await code(readOrders)).toBe('ok')
    await share({ sections: { orders: 'write' }, everySection: { level: 'write', except: ['orders'] } })
    expect(await code({ sections: {}, everySection: { level: 'write', except: [] } })).toBe('grant_not_held')
    expect(await code({ everySection: { level: 'read', except: ['orders', 'stock'] } })).toBe('ok')
    expect(await code({ everySection: { level: 'read', except: ['orders'] } })).toBe('grant_not_held')
    expect(await code({ sections: {} })).toBe('ok')
    const everywhere = await scene.make({ username: 'in-a-group', loginAccountGroup: 1 })
    expect((await refusal(share(readOrders, scene.callerWith(everywhere.token)))).code).toBe('grant_not_held')
  })

  it('names sections that there are, an organization that there is, and not its owner', async () => {
    expect(await refusal(share({ sections: { ordres: 'read' } }))).toMatchObject({
      code: 'invalid_request',
      paths: ['sections.ordres'],
    })
    expect(await refusal(share({ everySection: { level: 'read', except: ['ordres'] } }))).toMatchObject({
      paths: ['everySection.except.0'],
    })
    for (const organizationId of ['org_0000000000' as const, scene.organizationId])
      expect(await refusal(share(readOrders, scene.admin(), organizationId))).toMatchObject({
        code: 'invalid_request',
        paths: ['organizationId'],
      })
    expect((await scene.stored(scene.apiId)).shares).toEqual([])
  })

  it('takes effect on the next request when it is narrowed, and is written once when nothing changes', async () => {
    await share({ sections: { orders: 'write' } })
    const { token } = await scene.customer.make({ username: 'writer', permissions: { orders: 'write' } })
    expect(await scene.protectedApi(token, 'POST /orders')).toBe('allowed')
    await share(readOrders)
    expect(await scene.protectedApi(token, 'POST /orders')).toBe('share_exceeded')
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('allowed')
    const { version } = await scene.stored(scene.apiId)
    await share(readOrders)
    expect((await scene.stored(scene.apiId)).version).toBe(version)
    expect(await seenByCustomer()).toHaveLength(1)
  })

  it('keeps the sections that it names from being deleted', async () => {
    await share({ sections: { stock: 'read' } })
    const remove = async (name: string) =>
      deleteSection(scene.dependencies, await scene.admin(), { apiId: scene.apiId, name }, origin)
    const refused = await refusal(remove('stock'))
    expect([refused.code, refused.detail]).toEqual([
      'in_use',
      expect.stringContaining(scene.customer.organizationId),
    ])
    await share({ everySection: { level: 'read', except: ['stock'] } })
    expect((await refusal(remove('stock'))).code).toBe('in_use')
    await end()
    expect((await refusal(remove('stock'))).code).toBe('ok')
  })

  it('keeps sections that the other organization’s permissions name, and does not say whose they are', async () => {
    await share({ everySection: { level: 'read' } })
    await scene.customer.make({ username: 'secret-name', permissions: { stock: 'read' } })
    const target = { apiId: scene.apiId, name: 'stock' }
    const removed = deleteSection(scene.dependencies, await scene.admin(), target, origin)
    const refused = await refusal(removed)
    expect([refused.code, refused.detail]).toEqual([
      'in_use',
      expect.stringContaining(scene.customer.organizationId),
    ])
    expect(refused.detail).not.toContain('secret-name')
  })

  it('gets a name that is free where it arrives, and is told apart by its id whatever it is called', async () => {
    const longest = 'x'.repeat(63)
    const ours = await scene.create({ name: longest })
    await scene.create({ name: 'shop' }, scene.customer.admin())
    await scene.create({ name: longest, audience: 'https://theirs.example' }, scene.customer.admin())
    await share(readOrders)
    const { organizationId } = scene.customer
    const target = { apiId: ours.apiId, organizationId }
    await shareApi(scene.dependencies, await scene.admin(), target, { sections: {} }, origin)
    const names = (await seenByCustomer()).map(({ name }) => name)
    expect(names).toEqual(['shop', longest, 'shop-2', `${'x'.repeat(61)}-2`])
    const shown = await showApi(scene.dependencies, await scene.customer.admin(), 'shop-2')
    expect(shown).toMatchObject({ name: 'shop-2', apiId: scene.apiId })
    const { user, token } = await scene.customer.make({
      username: 'clerk',
      permissions: { 'shop-2/orders': 'read' },
    })
    expect(user.permissions).toEqual({ 'shop-2/orders': 'read' })
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('allowed')
    // The owner's new name for it is the owner's alone.
    await changeApi(scene.dependencies, await scene.admin(), scene.apiId, { name: 'store' }, origin)
    expect((await seenByCustomer()).map(({ name }) => name)).toContain('shop-2')
  })
})

describe('ending a share', () => {
  it.each(['owner', 'other side'])('is for the %s, and ends all that was given of it', async (side) => {
    await share({ everySection: { level: 'write' } })
    const { token } = await scene.customer.make({
      username: 'clerk',
      role: 'Regular User',
      permissions: { orders: 'write' },
      endpoints: ['GET /orders'],
    })
    expect(await scene.protectedApi(token, 'GET /orders')).toBe('allowed')
    await end(side === 'owner' ? scene.admin() : scene.customer.admin())
    for (const who of [token, scene.customer.token])
      expect(await scene.protectedApi(who, 'GET /orders')).toBe('api_unknown')
    expect(await seenByCustomer()).toEqual([])
    expect((await scene.stored(scene.apiId)).shares).toEqual([])
    const gone = showApi(scene.dependencies, await scene.customer.admin(), scene.apiId)
    expect((await refusal(gone)).code).toBe('not_found')
  })

  it('is nobody else’s business', async () => {
    await share(readOrders)
    await share(readOrders, scene.admin(), scene.provider.organizationId)
    expect((await refusal(end(scene.provider.admin()))).code).toBe('not_found')
    expect((await scene.stored(scene.apiId)).shares).toHaveLength(2)
    await end(scene.customer.admin())
    expect((await refusal(end(scene.customer.admin()))).code).toBe('not_found')
    const [left] = (await scene.stored(scene.apiId)).shares
    expect(left?.organizationId).toBe(scene.provider.organizationId)
  })
})

describe('the audit', () => {
  it('of both sides has each share, its change and its end, whichever side it was', async () => {
    await share(readOrders)
    await share({ sections: { orders: 'write' } })
    await end(scene.customer.admin())
    await share(readOrders)
    await end()
    const { organizationId: customer, userId } = scene.customer
    const ours = { kind: 'user', userId: scene.administratorId }
    const theirs = { kind: 'user', userId }
    const organization = (organizationId: OrganizationId) => ({
      kind: 'organization',
      organizationId,
      userId: null,
    })
    const rows = async (organizationId: OrganizationId, action: string) =>
      (await scene.audit(organizationId, action))
        .toSorted((one, other) => (one.at < other.at ? -1 : 1))
        .map(({ actor, targetId, address }) => ({ actor, targetId, address }))
    const row = (actor: object, address: string | null) => ({
      actor: expect.objectContaining(actor),
      targetId: scene.apiId,
      address,
    })
    const own = row(ours, origin.address)
    const told = row(organization(scene.organizationId), null)
    expect(await rows(scene.organizationId, 'api.shared')).toEqual([own, own, own])
    expect(await rows(customer, 'api.shared')).toEqual([told, told, told])
    expect(await rows(scene.organizationId, 'api.share-ended')).toEqual([
      row(organization(customer), null),
      own,
    ])
    expect(await rows(customer, 'api.share-ended')).toEqual([row(theirs, origin.address), told])
  })

  it('row that cannot be written stops the share (F4)', async () => {
    const noAudit = {
      ...scene.dependencies,
      write: (writes: Parameters<typeof scene.dependencies.write>[0]) => {
        const others = writes.filter(({ label }) => label === 'audit').slice(1)
        return scene.dependencies.write(
          writes.map((write) =>
            others.includes(write) ? { ...write, condition: 'attribute_exists(pk)' } : write,
          ),
        )
      },
    }
    const target = { apiId: scene.apiId, organizationId: scene.customer.organizationId }
    const attempt = shareApi(noAudit, await scene.admin(), target, readOrders, origin)
    expect((await refusal(attempt)).code).toBe('temporarily_unavailable')
    expect((await scene.stored(scene.apiId)).shares).toEqual([])
    expect(await seenByCustomer()).toEqual([])
  })
})

describe('two at once', () => {
  const codes = async (attempts: readonly Promise<unknown>[]) =>
    (await Promise.all(attempts.map(refusal))).map(({ code }) => code).toSorted()

  it('both share an API with others, and with the same one once', async () => {
    const { customer, provider } = scene
    expect(
      await codes([
        share(readOrders),
        share(readOrders, scene.admin(), provider.organizationId),
        share({ sections: { stock: 'read' } }),
      ]),
    ).toEqual(['ok', 'ok', 'ok'])
    const { shares } = await scene.stored(scene.apiId)
    expect(shares.map(({ organizationId }) => organizationId).toSorted()).toEqual(
      [customer.organizationId, provider.organizationId].toSorted(),
    )
    expect(await seenByCustomer()).toHaveLength(1)
  })

  it('end a share once, from both sides', async () => {
    await share(readOrders)
    expect(await codes([end(), end(scene.customer.admin()), end()])).toEqual(['not_found', 'not_found', 'ok'])
    expect(await seenByCustomer()).toEqual([])
  })

  it('either end a share or change it: an ended one is seen by nobody', async () => {
    await share(readOrders)
    await codes([share({ sections: { orders: 'write' } }), end(scene.customer.admin())])
    const { shares } = await scene.stored(scene.apiId)
    expect(await seenByCustomer()).toHaveLength(shares.length)
  })

  it('hand an API over to one organization only', async () => {
    const { apiId } = await scene.create({})
    const admin = await scene.admin()
    const to = ({ organizationId }: { readonly organizationId: OrganizationId }) =>
      handOverApi(scene.dependencies, admin, { apiId, organizationId }, origin)
    expect(await codes([to(scene.provider), to(scene.customer)])).toEqual(['not_found', 'ok'])
    const seeing = await Promise.all(
      [scene.admin(), scene.provider.admin(), scene.customer.admin()].map(async (caller) =>
        ((await caller).snapshot.policy?.apis ?? []).some((seen) => seen.apiId === apiId),
      ),
    )
    expect(seeing.filter((sees) => sees)).toHaveLength(1)
  })
})
