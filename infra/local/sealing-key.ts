import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { StartError } from './start-error.ts'

/** A key in place of a symmetric KMS key. */
export type SealingKey = { readonly keyId: string; readonly secret: Buffer }

type Context = Readonly<Record<string, string>>

const savedKey = z.object({
  keyId: z.string(),
  secret: z.base64().transform((text) => Buffer.from(text, 'base64')),
})

/** Reads the key from the folder, or creates it there, readable only by its owner. */
export function ensureSealingKey(folder: string, logicalId: string): SealingKey {
  const file = join(folder, `${logicalId}.json`)
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const made = { keyId: randomUUID(), secret: randomBytes(32).toString('base64') }
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 })
  }
  try {
    return savedKey.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new StartError(`The key ${file} cannot be read: begin anew with \`npm start -- --fresh\`.`)
  }
}

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/** In KMS, too, the order of the pairs does not matter. */
const contextBytes = (context: Context): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1))))

export function encrypt({ secret }: SealingKey, plaintext: Buffer, context: Context): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, secret, nonce).setAAD(contextBytes(context))
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** Undefined if it was encrypted with another key or context, or was altered. */
export function decrypt({ secret }: SealingKey, blob: Buffer, context: Context): Buffer | undefined {
  const [nonce, tag, body] = [
    blob.subarray(0, nonceBytes),
    blob.subarray(nonceBytes, nonceBytes + tagBytes),
    blob.subarray(nonceBytes + tagBytes),
  ]
  try {
    const decipher = createDecipheriv(algorithm, secret, nonce, { authTagLength: tagBytes })
    decipher.setAAD(contextBytes(context)).setAuthTag(tag)
    return Buffer.concat([decipher.update(body), decipher.final()])
  } catch {
    return undefined
  }
}
