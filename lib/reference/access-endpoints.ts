import { sectionEndpoints } from '../apis/sections/section-endpoints.ts'
import { accountGroupEndpoints } from '../policy/account-group-endpoints.ts'
import { integrationVendorEndpoints } from '../policy/integration-vendor-endpoints.ts'
import { roleEndpoints } from '../policy/role-endpoints.ts'

export const accessEndpoints = [
  ...roleEndpoints,
  ...sectionEndpoints,
  ...accountGroupEndpoints,
  ...integrationVendorEndpoints,
] as const
