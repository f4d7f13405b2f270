import { randomBytes } from 'node:crypto'
import { decrypt, encrypt } from '../../infra/local/sealing-key.ts'
import type { SecretSeal } from '../../lib/factors/secret-seal.ts'

const key = { keyId: 'factors', secret: randomBytes(32) }

/** Real encryption bound to the user, as KMS does it. */
export const testSeal: SecretSeal = {
  seal: async (secret, userId) => encrypt(key, Buffer.from(secret), { userId }).toString('base64'),
  open: async (sealed, userId) => {
    const opened = decrypt(key, Buffer.from(sealed, 'base64'), { userId })
    if (opened === undefined) throw new Error('sealed for somebody else')
    return opened
  },
}
