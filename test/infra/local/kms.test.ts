import { createHash, createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeServer } from '../../../infra/local/gateway.ts'
import { createKms } from '../../../infra/local/kms.ts'
import { listen } from '../../../infra/local/listen.ts'
import { ensureSigningKey } from '../../../infra/local/signing-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'postern-kms-'))
const key = await ensureSigningKey(join(folder, 'keys'), 'Key')
const server = createKms([key])
const SigningAlgorithm = 'RSASSA_PKCS1_V1_5_SHA_256'
const message = Buffer.from('header.payload')
let kms: KMSClient

beforeAll(async () => {
  const endpoint = `http://127.0.0.1:${await listen(server, 0)}`
  kms = new KMSClient({ endpoint, region: 'x', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
})
afterAll(async () => {
  kms.destroy()
  await closeServer(server, 0)
  rmSync(folder, { recursive: true })
})

describe('the KMS of the laptop', () => {
  it.each([
    ['RAW', message],
    ['DIGEST', createHash('sha256').update(message).digest()],
  ] as const)('signs (%s) what its public key verifies', async (MessageType, Message) => {
    const { PublicKey, KeySpec, KeyUsage } = await kms.send(new GetPublicKeyCommand({ KeyId: key.keyId }))
    const { Signature, KeyId } = await kms.send(
      new SignCommand({ KeyId: key.keyId, Message, MessageType, SigningAlgorithm }),
    )
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' })
    expect(verify('sha256', message, publicKey, Signature ?? new Uint8Array())).toBe(true)
    expect([KeySpec, KeyUsage]).toEqual(['RSA_2048', 'SIGN_VERIFY'])
    expect(KeyId).toMatch(new RegExp(`^arn:aws:kms:.*:key/${key.keyId}$`))
  })

  it('knows its key by ARN too', async () => {
    const { KeyId } = await kms.send(new GetPublicKeyCommand({ KeyId: key.keyId }))
    const again = await kms.send(new GetPublicKeyCommand({ KeyId }))
    expect(again.KeyId).toBe(KeyId)
  })

  it.each([
    ['an unknown key', { KeyId: 'nobody' }, 'NotFoundException'],
    ['another algorithm', { SigningAlgorithm: 'RSASSA_PSS_SHA_256' }, 'InvalidKeyUsageException'],
    [
      'a digest of another length',
      { MessageType: 'DIGEST', Message: Buffer.from('short') },
      'ValidationException',
    ],
    ['a raw message over 4096 bytes', { Message: Buffer.alloc(4097) }, 'ValidationException'],
  ] as const)('refuses %s as KMS does', async (_name, change, name) => {
    const command = new SignCommand({
      KeyId: key.keyId,
      Message: message,
      MessageType: 'RAW',
      SigningAlgorithm,
      ...change,
    })
    await expect(kms.send(command)).rejects.toMatchObject({ name })
  })
})

describe('ensureSigningKey', () => {
  it('keeps the key between starts, for its owner alone', async () => {
    const again = await ensureSigningKey(join(folder, 'keys'), 'Key')
    expect(again.keyId).toBe(key.keyId)
    expect(again.publicKey.equals(key.publicKey)).toBe(true)
    expect(statSync(join(folder, 'keys/Key.json')).mode & 0o777).toBe(0o600)
  })

  it('says which file cannot be read', async () => {
    writeFileSync(join(folder, 'Broken.json'), '{"keyId":"x","privateKey":"no key"}')
    await expect(ensureSigningKey(folder, 'Broken')).rejects.toThrow(/Broken\.json cannot be read/)
  })
})
