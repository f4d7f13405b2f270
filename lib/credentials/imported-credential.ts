import * as z from '../effects/shape.ts'
import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import { KeyId, newKeyId } from '../secrets/key-id.ts'
import type { SecretHash } from '../secrets/secret-hash.ts'
import type { RandomBytes } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import { itemShape, put } from '../table/stored-item.ts'
import type { Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import type { CredentialRequest } from './new-credential.ts'
import { credentialItem } from './new-credential.ts'

/** `IMPORTED#<SHA-256>` / `CLAIM`: the credential with this secret hash. */
export const StoredImport = z.object({
  ...itemShape('importedCredential'),
  keyId: KeyId,
})
export type StoredImport = z.infer<typeof StoredImport>

/** Per user. Each import takes two items of the transaction that deletes the user, which is limited to 100. */
export const maximumImported = 25

/** The verifier of a credential of another system; never the secret itself. */
export type ForeignProof = {
  readonly secretHash: SecretHash
  /** The client id that is sent with the secret of a key; null for a token. */
  readonly clientId: string | null
}

/** A credential with the hash of a secret that another system made. */
export const importedCredential = (
  owner: KeyOwner,
  request: CredentialRequest,
  { secretHash, clientId }: ForeignProof,
  createdAt: string,
  randomBytes: RandomBytes,
): StoredCredential => {
  const keyId = newKeyId(owner, randomBytes)
  return { ...credentialItem(owner, keyId, request, secretHash, createdAt), imported: { clientId } }
}

/** Transaction label: fails if the hash was imported before. */
export const importedBefore = 'import'

/**
 * The claim makes a hash unique in the deployment, so that a secret identifies one user. It outlives the credential, so that a revoked
 * secret cannot be imported again.
 */
export const importWrite = ({ keyId, secretHash }: StoredCredential): Write =>
  put<typeof StoredImport>(
    importedBefore,
    { ...keys.importedCredential(secretHash), kind: itemKinds.importedCredential, keyId },
    { condition: notExists },
  )
