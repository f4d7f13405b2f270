import type { StoredCredential } from '../identity/stored-credential.ts'
import type { KeyOwner } from '../secrets/key-id.ts'
import { newKeyId } from '../secrets/key-id.ts'
import type { RandomBytes, SecretHash } from '../secrets/secret-text.ts'
import { keys } from '../table/keys.ts'
import { itemKinds } from '../table/schema.ts'
import type { Write } from '../table/transaction.ts'
import { notExists } from '../table/transaction.ts'
import type { CredentialRequest } from './new-credential.ts'
import { credentialItem } from './new-credential.ts'
import type { StoredImport } from './stored-import.ts'

/** Of a user's credentials. With its pointer each takes two items of the one transaction that deletes the user, which has room for 100. */
export const maximumImported = 25

/** What another system knows of a credential that it handed out: never the secret itself. */
export type ForeignProof = {
  readonly secretHash: SecretHash
  /** What is presented beside the secret of a key; null for a token. */
  readonly clientId: string | null
}

/** A credential as if it had been made here, with the hash of somebody else's secret. */
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

/** The label under which a hash that somebody imported before shows in the outcome. */
export const importedBefore = 'import'

/**
 * The pointer makes a hash one credential's in the whole deployment: a secret must not stand for two users. It stays when the
 * credential is deleted, so that a revoked secret never works again.
 */
export const importWrite = ({ keyId, secretHash }: StoredCredential): Write => {
  const pointer: StoredImport = {
    ...keys.importedCredential(secretHash),
    kind: itemKinds.importedCredential,
    keyId,
  }
  return { label: importedBefore, put: pointer, condition: notExists }
}
