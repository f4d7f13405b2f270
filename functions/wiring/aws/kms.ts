import type { CallOptions, ClientOptions } from './json-service.ts'
import { jsonService } from './json-service.ts'

type SignInput = { readonly Message: Uint8Array }

export class SignCommand {
  readonly operation = 'Sign'
  readonly input: object
  constructor(input: SignInput) {
    this.input = { ...input, Message: Buffer.from(input.Message).toString('base64') }
  }
}

export class GetPublicKeyCommand {
  readonly operation = 'GetPublicKey'
  readonly input: object
  constructor(input: object) {
    this.input = input
  }
}

type EncryptInput = {
  readonly KeyId: string
  readonly Plaintext: Uint8Array
  readonly EncryptionContext: object
}

export class EncryptCommand {
  readonly operation = 'Encrypt'
  readonly input: object
  constructor(input: EncryptInput) {
    this.input = { ...input, Plaintext: Buffer.from(input.Plaintext).toString('base64') }
  }
}

type DecryptInput = {
  readonly KeyId: string
  readonly CiphertextBlob: Uint8Array
  readonly EncryptionContext: object
}

export class DecryptCommand {
  readonly operation = 'Decrypt'
  readonly input: object
  constructor(input: DecryptInput) {
    this.input = { ...input, CiphertextBlob: Buffer.from(input.CiphertextBlob).toString('base64') }
  }
}

type Command = SignCommand | GetPublicKeyCommand | EncryptCommand | DecryptCommand

const bytesIn = (value: unknown): Uint8Array | undefined =>
  typeof value === 'string' ? Buffer.from(value, 'base64') : undefined

export class KMSClient {
  readonly #call: ReturnType<typeof jsonService>
  constructor(options: ClientOptions) {
    this.#call = jsonService(
      {
        name: 'kms',
        target: 'TrentService',
        jsonVersion: '1.1',
        endpointVariable: 'AWS_ENDPOINT_URL_KMS',
      },
      options,
    )
  }
  async send({ operation, input }: Command, options: CallOptions = {}) {
    const answer = await this.#call(operation, input, options)
    return {
      Signature: bytesIn(answer['Signature']),
      PublicKey: bytesIn(answer['PublicKey']),
      CiphertextBlob: bytesIn(answer['CiphertextBlob']),
      Plaintext: bytesIn(answer['Plaintext']),
    }
  }
}
