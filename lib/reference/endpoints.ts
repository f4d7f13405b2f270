import { apiEndpoints } from '../apis/api-endpoints.ts'
import { sectionEndpoints } from '../apis/sections/section-endpoints.ts'
import { shareEndpoints } from '../apis/share-endpoints.ts'
import { auditEndpoints } from '../audit/audit-endpoints.ts'
import { consoleEndpoints } from '../console/console-endpoints.ts'
import { consoleFileEndpoints } from '../console/console-file-endpoints.ts'
import { signInFactorEndpoints } from '../console/second-factor-endpoints.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import { credentialBatchEndpoints } from '../credentials/credential-batch-endpoints.ts'
import { credentialEndpoints } from '../credentials/credential-endpoints.ts'
import { ownCredentialEndpoints } from '../credentials/own-credential-endpoints.ts'
import { thousandEyesEndpoints } from '../drop-in/thousandeyes-endpoints.ts'
import { tykEndpoints } from '../drop-in/tyk-endpoints.ts'
import { explainEndpoints } from '../explain/explain-endpoints.ts'
import { factorEndpoints } from '../factors/factor-endpoints.ts'
import { invitationEndpoints } from '../guests/invitation-endpoints.ts'
import { membershipEndpoints } from '../guests/membership-endpoints.ts'
import { logoEndpoints } from '../organizations/logo-endpoints.ts'
import { organizationEndpoints } from '../organizations/organization-endpoints.ts'
import { passwordResetEndpoints } from '../passwords/password-reset-endpoints.ts'
import { accountGroupEndpoints } from '../policy/account-group-endpoints.ts'
import { integrationVendorEndpoints } from '../policy/integration-vendor-endpoints.ts'
import { roleEndpoints } from '../policy/role-endpoints.ts'
import { providerEndpoints } from '../providers/provider-endpoints.ts'
import { authEndpoints } from '../sessions/auth-endpoints.ts'
import { oauthEndpoints } from '../sessions/oauth/oauth-endpoints.ts'
import { sightingEndpoints } from '../sightings/sighting-endpoints.ts'
import { usageEndpoints } from '../usage/usage-endpoints.ts'
import { roleAssignmentEndpoints } from '../users/role-assignment-endpoints.ts'
import { sourceEndpoints } from '../users/source-endpoints.ts'
import { userBatchEndpoints } from '../users/user-batch-endpoints.ts'
import { userEndpoints } from '../users/user-endpoints.ts'
import { whitelistEndpoints } from '../users/whitelist-endpoints.ts'
import { metaEndpoints } from './meta-endpoints.ts'

const all = [
  ...userEndpoints,
  ...userBatchEndpoints,
  ...credentialBatchEndpoints,
  ...membershipEndpoints,
  ...invitationEndpoints,
  ...sightingEndpoints,
  ...sourceEndpoints,
  ...credentialEndpoints,
  ...ownCredentialEndpoints,
  ...factorEndpoints,
  ...authEndpoints,
  ...consoleEndpoints,
  ...signInFactorEndpoints,
  ...oauthEndpoints,
  ...whitelistEndpoints,
  ...providerEndpoints,
  ...passwordResetEndpoints,
  ...roleEndpoints,
  ...roleAssignmentEndpoints,
  ...sectionEndpoints,
  ...accountGroupEndpoints,
  ...integrationVendorEndpoints,
  ...apiEndpoints,
  ...shareEndpoints,
  ...explainEndpoints,
  ...auditEndpoints,
  ...usageEndpoints,
  ...organizationEndpoints,
  ...logoEndpoints,
  ...tykEndpoints,
  ...thousandEyesEndpoints,
  ...consoleFileEndpoints,
  ...metaEndpoints,
] as const satisfies readonly Endpoint[]

/** Every endpoint with the types of its input and answer, for the console's client. */
export type PosternEndpoint = (typeof all)[number]

/** All HTTP endpoints of Postern, for the stack, the reference and the fallback route. */
export const endpoints: readonly Endpoint[] = all
