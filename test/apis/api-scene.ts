import type { NewApiBody } from '../../lib/apis/api-endpoints.ts'
import type { GivenGateway } from '../../lib/apis/gateway-bindings.ts'
import { bindGateway } from '../../lib/apis/gateway-bindings.ts'
import { createApi } from '../../lib/apis/manage-apis.ts'
import { StoredAuditRow } from '../../lib/audit/stored-audit-row.ts'
import type { Caller } from '../../lib/contract/operation.ts'
import type { StoredApi } from '../../lib/policy/stored-api.ts'
import type { ApiId, OrganizationId } from '../../lib/secrets/key-id.ts'
import { allItems } from '../fresh-table.ts'
import { madeOnce } from '../made-once.ts'
import { origin } from '../organizations/organization.ts'
import { accessScene } from '../policy/access-scene.ts'

/** The first organization with its API `shop`, and two organizations that do not see it yet. */
export const apiScene = async () => {
  const scene = await accessScene()
  const { provider, customer } = await madeOnce('provider and customer', scene.table, async () => ({
    provider: await scene.newOrganization('provider'),
    customer: await scene.newOrganization('customer'),
  }))
  return {
    ...scene,
    provider: scene.organizationWith(provider),
    customer: scene.organizationWith(customer),
    create: async (body: Partial<NewApiBody>, caller: Promise<Caller> = scene.admin()) => {
      const name = body.name ?? 'crm'
      const audience = `https://${name}.example`
      return await createApi(scene.dependencies, await caller, { name, audience, ...body }, origin)
    },
    bind: async (apiId: ApiId, given: Partial<GivenGateway>, caller: Promise<Caller> = scene.admin()) => {
      const gateway = { gatewayId: 'a1b2c3d4e5', stage: '$default', basePath: '/', ...given }
      return await bindGateway(scene.dependencies, await caller, apiId, gateway, origin)
    },
    stored: async (apiId: ApiId): Promise<StoredApi> => {
      const api = await scene.dependencies.readApi(apiId)
      if (api === undefined) throw new Error('there is no such API')
      return api
    },
    /** The audit rows of an organization with this action. */
    audit: async (organizationId: OrganizationId, action: string): Promise<StoredAuditRow[]> =>
      (await allItems(scene.table))
        .filter((item) => item['action'] === action && item['organizationId'] === organizationId)
        .map((item) => StoredAuditRow.parse(item)),
  }
}

export type ApiScene = Awaited<ReturnType<typeof apiScene>>
