import type { KeyObject } from 'node:crypto'
import { constants, privateEncrypt, randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { KMSClient } from '@aws-sdk/client-kms'
import { decrypt, encrypt } from '../../infra/local/sealing-key.ts'

type KmsCall = { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }

/** What KMS does instead of its work: an error by name, an answer without content, or no answer at all. */
export type Fault = { readonly error: string; readonly status: number } | 'empty' | 'silence'

export type KmsOverHttp = {
  readonly client: KMSClient
  readonly calls: KmsCall[]
  /** Asked before each call. */
  fault: (call: KmsCall) => Fault | undefined
  readonly close: () => Promise<void>
}

type KmsKey = { readonly key: KeyObject; readonly privateKey: KeyObject }

/** RFC 8017 section 9.2 note 1: what stands before a SHA-256 hash in the block that RSA signs. */
const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex')

const sealingKey = { keyId: 'factors', secret: randomBytes(32) }

/** The answer of Encrypt or Decrypt; undefined if KMS would refuse. */
const sealing = (
  operation: string,
  { Plaintext, CiphertextBlob, EncryptionContext }: Record<string, never>,
) => {
  if (operation === 'Encrypt') {
    const blob = encrypt(sealingKey, Buffer.from(Plaintext ?? '', 'base64'), EncryptionContext ?? {})
    return { CiphertextBlob: blob.toString('base64') }
  }
  const text = decrypt(sealingKey, Buffer.from(CiphertextBlob ?? '', 'base64'), EncryptionContext ?? {})
  return text === undefined ? undefined : { Plaintext: text.toString('base64') }
}

/** KMS's operations on real keys, behind the real client and its wire format, with faults on demand. */
export const startKms = async (keys: ReadonlyMap<string, KmsKey>): Promise<KmsOverHttp> => {
  const calls: KmsCall[] = []
  const server: Server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
    const input = JSON.parse(await text(request))
    calls.push({ operation, input })
    const fault = kms.fault({ operation, input })
    if (fault === 'silence') return
    const reply = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
    if (fault === 'empty') return reply(200, {})
    if (fault !== undefined) return reply(fault.status, { __type: fault.error, message: 'injected' })
    if (input.KeyId === sealingKey.keyId) {
      const sealed = sealing(operation, input)
      return sealed === undefined ? reply(400, { __type: 'InvalidCiphertextException' }) : reply(200, sealed)
    }
    const key = keys.get(input.KeyId)
    if (key === undefined) return reply(400, { __type: 'NotFoundException', message: 'no such key' })
    if (operation === 'GetPublicKey') {
      const spki = key.key.export({ format: 'der', type: 'spki' })
      return reply(200, { KeyId: input.KeyId, PublicKey: spki.toString('base64') })
    }
    const digest = Buffer.from(input.Message, 'base64')
    const block = Buffer.concat([digestInfo, digest])
    const padding = constants.RSA_PKCS1_PADDING
    const signature = privateEncrypt({ key: key.privateKey, padding }, block)
    return reply(200, { KeyId: input.KeyId, Signature: signature.toString('base64') })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  const client = new KMSClient({
    region: 'eu-central-1',
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  const close = async () => {
    client.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const kms: KmsOverHttp = { client, calls, fault: () => undefined, close }
  return kms
}
