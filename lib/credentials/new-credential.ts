import type { StoredCredential } from '../identity/stored-credential.ts'
import type { CredentialKind, KeyId, KeyOwner } from '../secrets/key-id.ts'
import { newKeyId, newSecretOf } from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import { hashSecret } from '../secrets/secret-hash.ts'
import type { RandomBytes, SecretText } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Credential as CredentialView, NewCredential as NewCredentialView } from './credential-shape.ts'

/** Enough for every environment of a partner during a rotation; bounds the size of a user's item collection. */
export const maximumCredentials = 50

export type CredentialRequest = {
  readonly kind: CredentialKind
  readonly name: string
  readonly expiresAt: string | null
  readonly endsOnFirstUse: KeyId | null
  /** The key id of the credential that it replaces. */
  readonly replaces?: KeyId
}

export type MadeCredential = { readonly item: StoredCredential; readonly secret: SecretText }

export const credentialItem = (
  owner: KeyOwner,
  keyId: KeyId,
  request: CredentialRequest,
  secretHash: SecretHash,
  createdAt: string,
): StoredCredential => ({
  ...keys.credential(owner.userId, keyId),
  kind: itemKinds.credential,
  keyId,
  ...owner,
  credentialKind: request.kind,
  name: request.name,
  status: 'active',
  secretHash,
  createdAt,
  expiresAt: request.expiresAt,
  givenExpiresAt: request.expiresAt,
  lastUsedAt: null,
  endsOnFirstUse: request.endsOnFirstUse,
  replaces: request.replaces ?? null,
  replacedBy: null,
  imported: null,
})

export const makeCredential = (
  owner: KeyOwner,
  request: CredentialRequest,
  createdAt: string,
  randomBytes: RandomBytes,
): MadeCredential => {
  const keyId = newKeyId(owner, randomBytes)
  const secret = newSecretOf(request.kind, keyId, randomBytes)
  const item = credentialItem(owner, keyId, request, hashSecret(secret), createdAt)
  return { item, secret }
}

/** True for an active credential without expiry. */
export const isLasting = ({ expiresAt, status }: Pick<StoredCredential, 'expiresAt' | 'status'>): boolean =>
  expiresAt === null && status === 'active'

export const credentialView = (stored: StoredCredential): CredentialView => ({
  keyId: stored.keyId,
  kind: stored.credentialKind,
  name: stored.name,
  status: stored.status,
  createdAt: stored.createdAt,
  expiresAt: stored.expiresAt,
  lastUsedAt: stored.lastUsedAt,
  ...(stored.replaces === null ? {} : { replaces: stored.replaces }),
  ...(stored.replacedBy === null ? {} : { replacedBy: stored.replacedBy }),
  ...(stored.imported === null ? {} : { imported: true }),
  ...(stored.imported?.clientId == null ? {} : { clientId: stored.imported.clientId }),
})

/** Includes the secret: only for the response to the request that made it. */
export const newCredentialView = ({ item, secret }: MadeCredential): NewCredentialView => {
  const view = credentialView(item)
  const shown: Readonly<Record<CredentialKind, NewCredentialView>> = {
    key: { ...view, kind: 'key', secret },
    token: { ...view, kind: 'token', token: secret },
  }
  return shown[item.credentialKind]
}
