import { createSection } from '../../lib/apis/sections/manage-sections.ts'
import { endShare, shareApi } from '../../lib/apis/share-api.ts'
import type { ShareBody } from '../../lib/apis/share-endpoints.ts'
import { origin } from '../organizations/organization.ts'
import type { ApiScene } from './api-scene.ts'
import { apiScene } from './api-scene.ts'

export let scene: ApiScene

export const begin = async () => {
  scene = await apiScene()
  const caller = await scene.admin()
  const stock = { name: 'stock', endpoints: ['GET /stock', 'POST /stock'] }
  await createSection(scene.dependencies, caller, scene.apiId, stock, origin)
}

/** The first organization's shop, shared with the customer. */
export const share = async (
  body: ShareBody,
  caller = scene.admin(),
  organizationId = scene.customer.organizationId,
) => shareApi(scene.dependencies, await caller, { apiId: scene.apiId, organizationId }, body, origin)
export const end = async (caller = scene.admin(), organizationId = scene.customer.organizationId) =>
  endShare(scene.dependencies, await caller, { apiId: scene.apiId, organizationId }, origin)
export const readAll: ShareBody = { everySection: { level: 'read' } }
export const readOrders: ShareBody = { sections: { orders: 'read' } }
export const seenByCustomer = async () => (await scene.customer.admin()).snapshot.policy?.apis ?? []
