import type { SeenApi } from '../policy/api-names.ts'
import { sectionNamesOf } from '../policy/api-names.ts'
import type { StoredApi } from '../policy/stored-api.ts'
import type { OrganizationId } from '../secrets/key-id.ts'
import type { Api } from './api-endpoints.ts'

/** An API as an organization sees it: the whole API for its owner, the shared part for others. */
export const apiView = (api: StoredApi, organizationId: OrganizationId, seen: readonly SeenApi[]): Api => {
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
      version: share.version,
    })),
    createdAt: api.createdAt,
    version: api.version,
  }
}
