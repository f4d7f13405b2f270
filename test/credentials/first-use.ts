import type { Used } from '../../lib/admission/admit.ts'
import type { StoredCredential } from '../../lib/identity/stored-credential.ts'

/** A credential of a user none of whose credentials was used before. */
export const firstUse = (credential: StoredCredential): Used => ({
  credential,
  user: { userId: credential.userId, lastUsedAt: null },
})
