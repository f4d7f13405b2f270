import { accessEndpoints } from './access-endpoints.ts'
import { authEndpoints } from './auth-endpoints.ts'
import { credentialEndpoints } from './credential-endpoints.ts'
import type { Endpoint } from './endpoint.ts'
import { metaEndpoints } from './meta-endpoints.ts'
import { passwordResetEndpoints } from './password-reset-endpoints.ts'
import { userEndpoints } from './user-endpoints.ts'
import { whitelistEndpoints } from './whitelist-endpoints.ts'

/** Every HTTP endpoint of Postern. */
export const endpoints: readonly Endpoint[] = [
  ...userEndpoints,
  ...credentialEndpoints,
  ...authEndpoints,
  ...whitelistEndpoints,
  ...passwordResetEndpoints,
  ...accessEndpoints,
  ...metaEndpoints,
]
