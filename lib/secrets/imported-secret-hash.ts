import { readBase64 } from './exact-base64.ts'
import type { SecretHash } from './secret-hash.ts'

const sha256Bytes = 32
/** Hexadecimal is the longest form. */
export const longestSecretHash = 64
const hex = /^[0-9A-Fa-f]{64}$/

/** Reads a SHA-256 in hex, base64 or base64url (padded or not); returns it in lower-case hex. */
export const readSecretHash = (text: string): SecretHash | undefined => {
  if (text.length > longestSecretHash) return undefined
  if (hex.test(text)) return text.toLowerCase() as SecretHash
  const bytes = readBase64(text, 'base64') ?? readBase64(text, 'base64url')
  return bytes?.length === sha256Bytes ? (bytes.toString('hex') as SecretHash) : undefined
}
