import { accountGroupEndpoints } from './account-group-endpoints.ts'
import { integrationVendorEndpoints } from './integration-vendor-endpoints.ts'
import { roleEndpoints } from './role-endpoints.ts'
import { sectionEndpoints } from './section-endpoints.ts'

export const accessEndpoints = [
  ...roleEndpoints,
  ...sectionEndpoints,
  ...accountGroupEndpoints,
  ...integrationVendorEndpoints,
] as const
