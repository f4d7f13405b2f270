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
  async send({ operation, input }: SignCommand | GetPublicKeyCommand, options: CallOptions = {}) {
    const { Signature, PublicKey } = await this.#call(operation, input, options)
    return { Signature: bytesIn(Signature), PublicKey: bytesIn(PublicKey) }
  }
}
