import { constants, privateEncrypt, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import * as z from 'zod'
import { localAccount, localRegion } from './references.ts'
import { readBody } from './request-body.ts'
import type { SealingKey } from './sealing-key.ts'
import { decrypt, encrypt } from './sealing-key.ts'
import type { SigningKey } from './signing-key.ts'

const bodyLimitBytes = 64 * 1024
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const rawMessageLimitBytes = 4096
const algorithm = 'RSASSA_PKCS1_V1_5_SHA_256'
/** DER of the DigestInfo that precedes a SHA-256 hash (RFC 8017 section 9.2, note 1). */
const sha256DigestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex')

const signRequest = z.object({
  KeyId: z.string(),
  Message: z.base64(),
  MessageType: z.enum(['RAW', 'DIGEST']).default('RAW'),
  SigningAlgorithm: z.string(),
})
const getPublicKeyRequest = z.object({ KeyId: z.string() })
const context = z.record(z.string(), z.string()).default({})
const encryptRequest = z.object({ KeyId: z.string(), Plaintext: z.base64(), EncryptionContext: context })
const decryptRequest = z.object({ KeyId: z.string(), CiphertextBlob: z.base64(), EncryptionContext: context })

class KmsError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Serves the AWS KMS operations that Postern calls, with local keys (AWS JSON 1.1 protocol). */
export function createKms(keys: readonly SigningKey[], sealingKeys: readonly SealingKey[] = []): Server {
  const answer = (target: string | undefined, body: Buffer): object => {
    switch (target) {
      case 'TrentService.Sign':
        return signMessage(parse(signRequest, body), keys)
      case 'TrentService.GetPublicKey':
        return showPublicKey(parse(getPublicKeyRequest, body), keys)
      case 'TrentService.Encrypt':
        return encryptText(parse(encryptRequest, body), sealingKeys)
      case 'TrentService.Decrypt':
        return decryptText(parse(decryptRequest, body), sealingKeys)
      default:
        throw new KmsError('UnknownOperationException', `The laptop's KMS does not know ${target}`)
    }
  }
  return createServer(async (request, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    try {
      const body = await readBody(request, bodyLimitBytes)
      if (body === 'too-large') throw new KmsError('ValidationException', 'The request is too large')
      const target = request.headers['x-amz-target']
      response.end(JSON.stringify(answer(target?.toString(), body)))
    } catch (error) {
      const isRefusal = error instanceof KmsError
      response.statusCode = isRefusal ? 400 : 500
      const code = isRefusal ? error.code : 'KMSInternalException'
      response.end(JSON.stringify({ __type: code, message: isRefusal ? error.message : 'Internal failure' }))
    }
  })
}

function parse<Schema extends z.ZodType>(schema: Schema, body: Buffer): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(body.toString()))
  } catch (error) {
    throw new KmsError(
      'ValidationException',
      error instanceof z.ZodError ? z.prettifyError(error) : 'No JSON',
    )
  }
}

function signMessage(request: z.infer<typeof signRequest>, keys: readonly SigningKey[]): object {
  const key = find(request.KeyId, keys)
  if (request.SigningAlgorithm !== algorithm) {
    throw new KmsError('InvalidKeyUsageException', `The laptop signs with ${algorithm} only`)
  }
  const message = Buffer.from(request.Message, 'base64')
  const isDigest = request.MessageType === 'DIGEST'
  if (isDigest && message.length !== 32) throw new KmsError('ValidationException', 'Digest is invalid length')
  if (!isDigest && message.length > rawMessageLimitBytes) {
    throw new KmsError('ValidationException', 'A raw message has 4096 bytes at most')
  }
  const signature = isDigest
    ? privateEncrypt(
        { key: key.privateKey, padding: constants.RSA_PKCS1_PADDING },
        Buffer.concat([sha256DigestInfo, message]),
      )
    : sign('sha256', message, key.privateKey)
  return { KeyId: arn(key), Signature: signature.toString('base64'), SigningAlgorithm: algorithm }
}

function showPublicKey({ KeyId }: z.infer<typeof getPublicKeyRequest>, keys: readonly SigningKey[]): object {
  const key = find(KeyId, keys)
  return {
    KeyId: arn(key),
    PublicKey: key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    KeySpec: 'RSA_2048',
    CustomerMasterKeySpec: 'RSA_2048',
    KeyUsage: 'SIGN_VERIFY',
    SigningAlgorithms: [algorithm],
  }
}

function encryptText(request: z.infer<typeof encryptRequest>, keys: readonly SealingKey[]): object {
  const key = find(request.KeyId, keys)
  const blob = encrypt(key, Buffer.from(request.Plaintext, 'base64'), request.EncryptionContext)
  return { KeyId: arn(key), CiphertextBlob: blob.toString('base64') }
}

function decryptText(request: z.infer<typeof decryptRequest>, keys: readonly SealingKey[]): object {
  const key = find(request.KeyId, keys)
  const text = decrypt(key, Buffer.from(request.CiphertextBlob, 'base64'), request.EncryptionContext)
  if (text === undefined) throw new KmsError('InvalidCiphertextException', 'The ciphertext is invalid')
  return { KeyId: arn(key), Plaintext: text.toString('base64') }
}

function find<Key extends { readonly keyId: string }>(keyId: string, keys: readonly Key[]): Key {
  const key = keys.find((candidate) => candidate.keyId === keyId || arn(candidate) === keyId)
  if (key === undefined) throw new KmsError('NotFoundException', `Key '${keyId}' does not exist`)
  return key
}

const arn = ({ keyId }: { readonly keyId: string }): string =>
  `arn:aws:kms:${localRegion}:${localAccount}:key/${keyId}`
