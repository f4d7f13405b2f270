import { accessEndpoints } from './access-endpoints.ts'
import { apiEndpoints } from './api-endpoints.ts'
import { auditEndpoints } from './audit-endpoints.ts'
import { authEndpoints } from './auth-endpoints.ts'
import { batchEndpoints } from './batch-endpoints.ts'
import { credentialEndpoints } from './credential-endpoints.ts'
import type { Endpoint } from './endpoint.ts'
import { explainEndpoints } from './explain-endpoints.ts'
import { invitationEndpoints } from './invitation-endpoints.ts'
import { metaEndpoints } from './meta-endpoints.ts'
import { oauthEndpoints } from './oauth-endpoints.ts'
import { organizationEndpoints } from './organization-endpoints.ts'
import { ownCredentialEndpoints } from './own-credential-endpoints.ts'
import { passwordResetEndpoints } from './password-reset-endpoints.ts'
import { placeEndpoints } from './place-endpoints.ts'
import { providerEndpoints } from './provider-endpoints.ts'
import { sightingEndpoints } from './sighting-endpoints.ts'
import { thousandEyesEndpoints } from './thousandeyes-endpoints.ts'
import { tykEndpoints } from './tyk-endpoints.ts'
import { userEndpoints } from './user-endpoints.ts'
import { whitelistEndpoints } from './whitelist-endpoints.ts'

const all = [
  ...userEndpoints,
  ...batchEndpoints,
  ...placeEndpoints,
  ...invitationEndpoints,
  ...sightingEndpoints,
  ...credentialEndpoints,
  ...ownCredentialEndpoints,
  ...authEndpoints,
  ...oauthEndpoints,
  ...whitelistEndpoints,
  ...providerEndpoints,
  ...passwordResetEndpoints,
  ...accessEndpoints,
  ...apiEndpoints,
  ...explainEndpoints,
  ...auditEndpoints,
  ...organizationEndpoints,
  ...tykEndpoints,
  ...thousandEyesEndpoints,
  ...metaEndpoints,
] as const

/** Each endpoint with the types of its own schemas, for those who implement it. */
export type ContractEndpoint = (typeof all)[number]

/** Every HTTP endpoint of Postern. */
export const endpoints: readonly Endpoint[] = all
