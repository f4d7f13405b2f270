import type { Api } from '../contract/api-endpoints.ts'
import type { SeenApi } from './api-names.ts'
import { sectionNamesOf } from './api-names.ts'
import type { StoredApi } from './stored-api.ts'

/** An API as the organization sees it: of one that is shared with it only what is shared. */
export const apiView = (api: StoredApi, organizationId: string, seen: readonly SeenApi[]): Api => {
  const isOwn = api.organizationId === organizationId
  const sections = sectionNamesOf(api, organizationId)
  const ofUs = api.shares.filter((share) => isOwn || share.organizationId === organizationId)
  return {
    apiId: api.apiId,
    name: seen.find(({ apiId }) => apiId === api.apiId)?.name ?? api.name,
    organizationId: api.organizationId,
    audience: api.audience,
    gateways: isOwn ? api.gateways : [],
    sections,
    sharedWith: ofUs.map((share) => ({
      organizationId: share.organizationId,
      sections: share.sections,
      everySection: share.everySection,
    })),
    createdAt: api.createdAt,
    version: api.version,
  }
}
