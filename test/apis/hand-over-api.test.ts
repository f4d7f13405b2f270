import { beforeEach, describe, expect, it } from 'vitest'
import { releaseGateway } from '../../lib/apis/gateway-bindings.ts'
import { changeApi } from '../../lib/apis/manage-apis.ts'
import { createSection } from '../../lib/apis/sections/manage-sections.ts'
import { handOverApi, shareApi } from '../../lib/apis/share-api.ts'
import type { ShareBody } from '../../lib/apis/share-endpoints.ts'
import type { ApiId, OrganizationId } from '../../lib/secrets/key-id.ts'
import { origin } from '../organizations/organization.ts'
import { refusal } from '../policy/access-scene.ts'
import { begin, readAll, scene, seenByCustomer } from './share-scene.ts'

beforeEach(begin)

describe('handing an API over', () => {
  const handOver = async (apiId: ApiId, organizationId: OrganizationId, caller = scene.admin()) =>
    handOverApi(scene.dependencies, await caller, { apiId, organizationId }, origin)

  it('is for administrators of the first organization, of an API of theirs, and not of the default one', async () => {
    const { organizationId } = scene.provider
    const theirs = await scene.create({ name: 'theirs' }, scene.provider.admin())
    const { apiId } = await scene.create({})
    const manager = await scene.make({ username: 'manager', permissions: { 'postern-apis': 'write' } })
    const code = async (attempt: Promise<unknown>) => (await refusal(attempt)).code
    expect(await code(handOver(apiId, organizationId, scene.callerWith(manager.token)))).toBe('access_denied')
    expect(await code(handOver(theirs.apiId, organizationId, scene.provider.admin()))).toBe('access_denied')
    expect(await code(handOver(theirs.apiId, scene.organizationId))).toBe('not_found')
    expect(await code(handOver(scene.apiId, organizationId))).toBe('in_use')
    expect(await code(handOver(apiId, 'org_0000000000'))).toBe('invalid_request')
    expect(await code(handOver(apiId, scene.organizationId))).toBe('invalid_request')
    await scene.create({ name: 'crm', audience: 'https://other.example' }, scene.provider.admin())
    expect(await code(handOver(apiId, organizationId))).toBe('name_taken')
  })

  it('gives it away with its sections, gateways and shares, and leaves the giver nothing', async () => {
    const { apiId } = await scene.create({})
    const { dependencies } = scene
    const section = { name: 'customers', endpoints: ['GET /customers'] }
    await createSection(dependencies, await scene.admin(), apiId, section, origin)
    await scene.bind(apiId, { basePath: '/crm' })
    const everything: ShareBody = { everySection: { level: 'write' } }
    for (const { organizationId } of [scene.provider, scene.customer])
      await shareApi(dependencies, await scene.admin(), { apiId, organizationId }, everything, origin)
    const ours = await scene.make({ username: 'ours', permissions: { 'crm/customers': 'read' } })
    const theirs = await scene.customer.make({ username: 'theirs', permissions: { customers: 'read' } })
    const endpoint = 'GET /customers'
    expect(await scene.protectedApi(ours.token, endpoint, apiId)).toBe('allowed')

    await handOver(apiId, scene.provider.organizationId)
    expect(await scene.stored(apiId)).toMatchObject({
      organizationId: scene.provider.organizationId,
      sections: [{ name: 'customers' }],
      gateways: [{ basePath: '/crm' }],
      shares: [{ organizationId: scene.customer.organizationId }],
    })
    for (const token of [ours.token, scene.token])
      expect(await scene.protectedApi(token, endpoint, apiId)).toBe('api_unknown')
    expect(await scene.protectedApi(theirs.token, endpoint, apiId)).toBe('allowed')
    expect(await scene.protectedApi(scene.provider.token, 'GET /in/no/section', apiId)).toBe('allowed')
    expect((await scene.policy()).apis.map(({ name }) => name)).toEqual(['shop'])
    const seen = (await scene.provider.admin()).snapshot.policy?.apis
    expect(seen).toEqual([{ apiId, name: 'crm', organizationId: scene.provider.organizationId }])
    const change = async (caller = scene.admin()) =>
      (await refusal(changeApi(dependencies, await caller, apiId, { name: 'mine' }, origin))).code
    expect(await change()).toBe('not_found')
    expect(await change(scene.provider.admin())).toBe('ok')
    const [gateway] = (await scene.stored(apiId)).gateways
    const { bindingId } = gateway ?? { bindingId: 'gwb_' as const }
    const released = releaseGateway(dependencies, await scene.provider.admin(), { apiId, bindingId }, origin)
    expect((await refusal(released)).code).toBe('ok')

    const handed = {
      field: 'organizationId',
      before: scene.organizationId,
      after: scene.provider.organizationId,
    }
    for (const { organizationId } of [scene, scene.provider, scene.customer])
      expect(await scene.audit(organizationId, 'api.handed-over')).toMatchObject([
        { targetId: apiId, changes: [handed] },
      ])
    expect(await seenByCustomer()).toEqual([
      { apiId, name: 'crm', organizationId: scene.provider.organizationId },
    ])
  })
})

describe('an API that is shared with as many as there can be', () => {
  it('can still be handed over', async () => {
    const { dependencies } = scene
    const { apiId } = await scene.create({})
    const sharing = await Promise.all(
      Array.from({ length: 46 }, async (_, index) => scene.makeOrganization(`many-${index}`)),
    )
    const caller = await scene.admin()
    const codes: string[] = []
    for (const { organizationId } of sharing) {
      const shared = shareApi(dependencies, caller, { apiId, organizationId }, readAll, origin)
      codes.push((await refusal(shared)).code)
    }
    expect(codes).toEqual([...Array.from({ length: 45 }, () => 'ok'), 'invalid_request'])
    const { organizationId } = scene.provider
    await handOverApi(dependencies, caller, { apiId, organizationId }, origin)
    expect((await scene.stored(apiId)).shares).toHaveLength(45)
  })
})
