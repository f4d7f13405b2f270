import type { KMSClient } from '@aws-sdk/client-kms'
import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { DomainError } from '../effects/domain-error.ts'
import type { UserId } from '../secrets/key-id.ts'
import type { SecretSeal } from './secret-seal.ts'

/** Seals by a symmetric key that never leaves KMS. The role needs `kms:Decrypt`, and `kms:Encrypt` where factors are enrolled. */
export const kmsSeal = (client: Pick<KMSClient, 'send'>, KeyId: string): SecretSeal => {
  const contextOf = (userId: UserId) => ({ purpose: 'totp', userId })
  return {
    seal: async (secret, userId) => {
      const command = new EncryptCommand({
        KeyId,
        Plaintext: secret,
        EncryptionContext: contextOf(userId),
      })
      const { CiphertextBlob } = await client.send(command).catch(refuse)
      return Buffer.from(CiphertextBlob ?? refuse(new Error('KMS returned no ciphertext'))).toString('base64')
    },
    open: async (sealed, userId) => {
      const command = new DecryptCommand({
        KeyId,
        CiphertextBlob: Buffer.from(sealed, 'base64'),
        EncryptionContext: contextOf(userId),
      })
      const { Plaintext } = await client.send(command).catch(refuse)
      return Plaintext ?? refuse(new Error('KMS returned no plaintext'))
    },
  }
}

const refuse = (cause: unknown): never => {
  throw new DomainError('temporarily_unavailable', { cause, retryAfterSeconds: 1 })
}
