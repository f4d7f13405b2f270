import { describe, expect, it } from 'vitest'
import { makeEndpointFinder } from '../../lib/apis/find-endpoint.ts'
import type { GatewayBinding } from '../../lib/apis/gateway-request.ts'
import type { ProtectedApi } from '../../lib/decision/protected-api.ts'
import { visibilityOf } from '../../lib/decision/protected-api.ts'
import type { OrganizationId } from '../../lib/secrets/key-id.ts'

const first = 'org_first00000'
const partner = 'org_partner000' as const
const api: ProtectedApi = {
  apiId: 'api_default',
  name: 'default',
  organizationId: first,
  audience: 'https://default.example',
  sections: [],
  shares: [{ organizationId: partner, entitlement: { sections: {}, everySection: null } }],
}
const bound: GatewayBinding = {
  bindingId: 'gwb_1',
  gatewayId: 'bound',
  stage: '$default',
  basePath: '/',
  apiId: api.apiId,
}

const find = makeEndpointFinder(
  {
    readBindings: (gatewayId) => Promise.resolve(gatewayId === 'bound' ? [bound] : undefined),
    readApi: () => Promise.resolve(api),
    readDefaultApiId: () => Promise.resolve(api.apiId),
    now: () => 0,
  },
  { cacheSeconds: 5 },
)

const seenAt = async (gatewayId: string, organizationId: OrganizationId) => {
  const { target } = await find({
    gatewayId,
    stage: '$default',
    method: 'GET',
    path: '/orders',
    route: '$default',
    isCustomDomain: false,
  })
  if (target.kind !== 'protected' || target.api === null) return null
  return visibilityOf(target.api, organizationId)
}

describe('a gateway that nobody registered (A3)', () => {
  it('serves its default owner, and no organization that the default API is shared with', async () => {
    expect(await seenAt('unregistered', first)).toBe('owner')
    expect(await seenAt('unregistered', partner)).toBeNull()
  })

  it('leaves the shares to the gateways that are bound', async () => {
    expect(await seenAt('bound', first)).toBe('owner')
    expect(await seenAt('bound', partner)).not.toBeNull()
  })
})
