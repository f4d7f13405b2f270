import { apiEndpoints } from '../apis/api-endpoints.ts'
import { auditEndpoints } from '../audit/audit-endpoints.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { credentialEndpoints } from '../credentials/credential-endpoints.ts'
import { ownCredentialEndpoints } from '../credentials/own-credential-endpoints.ts'
import { thousandEyesEndpoints } from '../drop-in/thousandeyes-endpoints.ts'
import { tykEndpoints } from '../drop-in/tyk-endpoints.ts'
import { explainEndpoints } from '../explain/explain-endpoints.ts'
import { invitationEndpoints } from '../guests/invitation-endpoints.ts'
import { placeEndpoints } from '../guests/place-endpoints.ts'
import { organizationEndpoints } from '../organizations/organization-endpoints.ts'
import { passwordResetEndpoints } from '../passwords/password-reset-endpoints.ts'
import { providerEndpoints } from '../providers/provider-endpoints.ts'
import { authEndpoints } from '../sessions/auth-endpoints.ts'
import { oauthEndpoints } from '../sessions/oauth/oauth-endpoints.ts'
import { sightingEndpoints } from '../sightings/sighting-endpoints.ts'
import { batchEndpoints } from '../users/batch-endpoints.ts'
import { userEndpoints } from '../users/user-endpoints.ts'
import { whitelistEndpoints } from '../users/whitelist-endpoints.ts'
import { accessEndpoints } from './access-endpoints.ts'
import { metaEndpoints } from './meta-endpoints.ts'

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
