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
   * KMS key ids or ARNs. The first one signs, all of them verify: a rotation puts the new key in front and drops the old one after
   * the longest session lifetime.
   */
  readonly kmsKeyIds: readonly [string, ...string[]]
  /** For one call with its retries. Default 2000: a login that waits longer is better repeated. */
  readonly timeoutMilliseconds?: number
}

export type KmsSigner = SessionSigner & {
  /** The same array every time, once fetched. Older keys that were disabled or deleted are not in it. */
  readonly publicKeys: () => Promise<readonly PublicKey[]>
}

/** KMS says so of keys that were disabled or deleted. */
const retiredForGood: ReadonlySet<string> = new Set([
  'DisabledException',
  'KMSInvalidStateException',
  'NotFoundException',
])

/**
 * Session signatures by KMS; the private key never leaves it. Public keys are fetched once per container, failures are not kept.
 * The role needs `kms:GetPublicKey`, and `kms:Sign` where sessions are opened.
 *
 * Every method throws DomainError `temporarily_unavailable` when KMS fails or is slow.
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
  // The key that signs has to be there: a new one may be unknown to KMS for some seconds, and that must not be kept.
  const signingKey = keptUnlessFailed(() => fetchKey(signingKmsKeyId))
  // One that is gone must not take the others with it; its sessions are dead, which is what disabling it is for.
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
    // A digest, because KMS takes 4096 bytes of message at most; and the text of a token stays here.
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

/** Concurrent callers wait for one call. A failure is forgotten, or one lost packet would shut a container for its whole life. */
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

/** The signal alone is not enough: the SDK does not look at it while it fetches credentials. */
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
