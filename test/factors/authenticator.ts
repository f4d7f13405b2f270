import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'

/** RFC 8949: whole numbers, byte strings, text and maps, which are all that WebAuthn needs. */
const cbor = (value: number | string | Uint8Array | ReadonlyMap<number | string, unknown>): Buffer => {
  const head = (major: number, size: number): Buffer =>
    size < 24
      ? Buffer.from([(major << 5) | size])
      : size < 256
        ? Buffer.from([(major << 5) | 24, size])
        : Buffer.from([(major << 5) | 25, size >> 8, size & 255])
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  const pairs = [...value].flatMap(([key, each]) => [cbor(key), cbor(each as Parameters<typeof cbor>[0])])
  return Buffer.concat([head(5, value.size), ...pairs])
}

const base64url = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')

/** What a browser and its page add to what the authenticator signs. */
export type Page = {
  readonly challenge: string
  readonly origin: string
  /** Default: the host of the origin. */
  readonly rpId?: string
}

const clientData = (type: 'webauthn.create' | 'webauthn.get', { challenge, origin }: Page): string =>
  JSON.stringify({ type, challenge, origin, crossOrigin: false })

const userPresent = 0x01
const attested = 0x40

/** A security key with one credential (ES256), as W3C Web Authentication Level 3 describes it. */
export const securityKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = randomBytes(32)
  const state = { counter: 0 }

  const authenticatorData = ({ origin, rpId = new URL(origin).hostname }: Page, flags: number): Buffer => {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(state.counter)
    return Buffer.concat([hash('sha256', rpId, 'buffer'), Buffer.from([flags]), counter])
  }
  const id = base64url(credentialId)
  const common = { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const

  return {
    state,
    create: (page: Page): RegistrationResponseJSON => {
      const data = Buffer.concat([
        authenticatorData(page, userPresent | attested),
        Buffer.alloc(16),
        Buffer.from([0, credentialId.length]),
        credentialId,
        coseOf(publicKey),
      ])
      const attestationObject = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', data],
      ])
      return {
        ...common,
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', page)),
          attestationObject: base64url(cbor(attestationObject)),
          transports: ['usb'],
        },
      }
    },
    get: (page: Page): AuthenticationResponseJSON => {
      state.counter += 1
      const data = authenticatorData(page, userPresent)
      const client = clientData('webauthn.get', page)
      const signature = sign('sha256', Buffer.concat([data, hash('sha256', client, 'buffer')]), privateKey)
      return {
        ...common,
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(signature),
        },
      }
    },
  }
}

/** RFC 9053 section 7.1.1. */
const coseOf = (publicKey: KeyObject): Buffer => {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  return cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  )
}
