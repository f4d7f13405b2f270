import { hash } from 'node:crypto'
import type { KMSClient } from '@aws-sdk/client-kms'
import { GetPublicKeyCommand, SignCommand } from '@aws-sdk/client-kms'
import { DomainError } from '../effects/domain-error.ts'
import type { PublicKey } from './jwks.ts'
import { publicKeyOf } from './jwks.ts'
import type { SessionSigner } from './sign-session.ts'

type Dependencies = {
  readonly client: Pick<KMSClient, 'send'>
  /**
   * KMS key ids or ARNs. The first one signs, all verify. To rotate, put the new key first and remove the old one after the longest
   * session lifetime.
   */
  readonly kmsKeyIds: readonly [string, ...string[]]
  /** For one call including retries. Default: 2000. */
  readonly timeoutMilliseconds?: number
}

/** Options of the client. A call that gets no answer leaves time for a second one within the 2000 ms. */
export const kmsRetries = {
  maxAttempts: 2,
  requestHandler: { requestTimeout: 900, throwOnRequestTimeout: true },
}

export type KmsSigner = SessionSigner & {
  /** Cached: returns the same array every time. Leaves out older keys that are disabled or deleted. */
  readonly publicKeys: () => Promise<readonly PublicKey[]>
}

/** Errors of KMS for disabled or deleted keys. */
const retiredForGood: ReadonlySet<string> = new Set([
  'DisabledException',
  'KMSInvalidStateException',
  'NotFoundException',
])

/**
 * Session signatures by KMS; the private key never leaves it. Public keys are fetched once per container; failures are not cached. The
 * role needs `kms:GetPublicKey`, and `kms:Sign` where sessions are opened.
 *
 * Every method throws DomainError `temporarily_unavailable` if KMS fails or times out.
 */
export const kmsSigner = (dependencies: Dependencies): KmsSigner => {
  const { client, kmsKeyIds, timeoutMilliseconds = 2000 } = dependencies
  const [signingKmsKeyId, ...olderKmsKeyIds] = kmsKeyIds

  const fetchKey = async (kmsKeyId: string): Promise<PublicKey> => {
    const command = new GetPublicKeyCommand({ KeyId: kmsKeyId })
    const { PublicKey: spki } = await withinTime(timeoutMilliseconds, (abortSignal) =>
      client.send(command, { abortSignal }),
    )
    if (spki === undefined) throw new Error('KMS returned no public key')
    return publicKeyOf(spki)
  }
  // The signing key is required. KMS may not know a new key for some seconds, so a failure is not cached.
  const signingKey = keptUnlessFailed(() => fetchKey(signingKmsKeyId))
  // A disabled or deleted key is left out, which ends its sessions; the other keys stay usable.
  const olderKeys = olderKmsKeyIds.map((kmsKeyId) =>
    keptUnlessFailed(() =>
      fetchKey(kmsKeyId).catch((error: unknown) => {
        if (error instanceof Error && retiredForGood.has(error.name)) return undefined
        throw error
      }),
    ),
  )
  const allKeys = keptUnlessFailed(async () => {
    const keys = await Promise.all([signingKey(), ...olderKeys.map((olderKey) => olderKey())])
    return keys.filter((key) => key !== undefined)
  })

  const publicKeys = () => allKeys().catch(refuse)
  const signingKeyId = () => signingKey().then(({ keyId }) => keyId, refuse)

  const sign = async (signingInput: Uint8Array): Promise<Uint8Array> => {
    // A digest, because KMS takes messages of at most 4096 bytes, and because the token text then stays here.
    const command = new SignCommand({
      KeyId: signingKmsKeyId,
      Message: hash('sha256', signingInput, 'buffer'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
    })
    const { Signature: signature } = await withinTime(timeoutMilliseconds, (abortSignal) =>
      client.send(command, { abortSignal }),
    ).catch(refuse)
    return signature ?? refuse(new Error('KMS returned no signature'))
  }

  return { signingKeyId, sign, publicKeys }
}

const refuse = (cause: unknown): never => {
  throw new DomainError('temporarily_unavailable', { cause, retryAfterSeconds: 1 })
}

/** Concurrent callers share one call. A failure is not cached, so that the container recovers from it. */
const keptUnlessFailed = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let kept: Promise<T> | undefined
  return () => {
    kept ??= make().catch((error: unknown) => {
      kept = undefined
      throw error
    })
    return kept
  }
}

/** The abort signal is not enough: the SDK ignores it while it fetches credentials. */
const withinTime = async <T>(milliseconds: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${milliseconds} ms`)
    reject(error)
    controller.abort(error)
  }, milliseconds)
  try {
    return await Promise.race([call(controller.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
