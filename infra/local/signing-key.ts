import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { StartError } from './start-error.ts'

export type SigningKey = {
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const savedKey = z.object({ keyId: z.string(), privateKey: z.string() })

/** The RSA key in place of one KMS key: read from the folder, or created there, readable only by its owner. */
export async function ensureSigningKey(folder: string, logicalId: string): Promise<SigningKey> {
  const file = join(folder, `${logicalId}.json`)
  const saved = existsSync(file) ? read(file) : await create(folder, file)
  try {
    const privateKey = createPrivateKey(saved.privateKey)
    return { keyId: saved.keyId, privateKey, publicKey: createPublicKey(privateKey) }
  } catch {
    throw unreadable(file)
  }
}

function read(file: string): z.infer<typeof savedKey> {
  try {
    return savedKey.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw unreadable(file)
  }
}

async function create(folder: string, file: string): Promise<z.infer<typeof savedKey>> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  // A new key has a new id: with the old id, cached key sets would fail for no visible reason.
  const key = {
    keyId: randomUUID(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(file, JSON.stringify(key), { mode: 0o600 })
  return key
}

const unreadable = (file: string) =>
  new StartError(`The signing key ${file} cannot be read: begin anew with \`npm start -- --fresh\`.`)
