import type { KMSClient } from '@aws-sdk/client-kms'
import { DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { DomainError } from '../effects/domain-error.ts'
import type { Seal } from './seal.ts'

/** Seals by a symmetric key that never leaves KMS. The role needs `kms:Encrypt` to seal and `kms:Decrypt` to open. */
export const kmsSeal = (client: Pick<KMSClient, 'send'>, KeyId: string): Seal => ({
  seal: async (Plaintext, EncryptionContext) => {
    const command = new EncryptCommand({ KeyId, Plaintext, EncryptionContext })
    const { CiphertextBlob } = await client.send(command).catch(refuse)
    return Buffer.from(CiphertextBlob ?? refuse(new Error('KMS returned no ciphertext')))
  },
  open: async (CiphertextBlob, EncryptionContext) => {
    const command = new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext })
    const answer = await client
      .send(command)
      .catch((cause: unknown) => (isOfCiphertext(cause) ? null : refuse(cause)))
    if (answer === null) return null
    return Buffer.from(answer.Plaintext ?? refuse(new Error('KMS returned no plaintext')))
  },
})

const isOfCiphertext = (cause: unknown): boolean =>
  cause instanceof Error && ['InvalidCiphertextException', 'IncorrectKeyException'].includes(cause.name)

const refuse = (cause: unknown): never => {
  throw new DomainError('temporarily_unavailable', { cause, retryAfterSeconds: 1 })
}
