import { createHash, randomBytes, verify } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DomainError } from '../../lib/effects/domain-error.ts'
import { kmsSigner } from '../../lib/sessions/kms-signer.ts'
import { signSession } from '../../lib/sessions/sign-session.ts'
import { grant, issuer, newTestKey, now, verifierOf } from './crafted-token.ts'
import type { Fault, KmsOverHttp } from './kms-over-http.ts'
import { startKms } from './kms-over-http.ts'

const today = newTestKey()
const yesterday = newTestKey()
const throttled: Fault = { error: 'ThrottlingException', status: 400 }

let kms: KmsOverHttp
beforeEach(async () => {
  kms = await startKms(
    new Map([
      ['today', today],
      ['yesterday', yesterday],
    ]),
  )
})
afterEach(() => kms.close())

const signerFor = (...kmsKeyIds: [string, ...string[]]) => kmsSigner({ client: kms.client, kmsKeyIds })
const operations = () => kms.calls.map(({ operation }) => operation)
const refusal = async (attempt: Promise<unknown>): Promise<DomainError> => {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof DomainError)) throw new Error('was not refused', { cause: error })
  return error
}

describe('a session signed by KMS', () => {
  it('verifies with the public key that KMS gives', async () => {
    const signer = signerFor('today')
    const { text, claims } = await signSession(grant, {
      signer,
      issuer,
      now: () => now,
      randomBytes,
    })
    expect(verifierOf(await signer.publicKeys())(text)).toEqual({ ok: true, claims })
    expect(operations()).toEqual(['GetPublicKey', 'Sign'])
  })

  it('shows KMS a digest, never the text of a token', async () => {
    const signingInput = randomBytes(5000)
    await signerFor('today').sign(signingInput)
    expect(kms.calls).toEqual([
      {
        operation: 'Sign',
        input: {
          KeyId: 'today',
          Message: createHash('sha256').update(signingInput).digest('base64'),
          MessageType: 'DIGEST',
          SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
        },
      },
    ])
  })
})

describe('the public keys', () => {
  it('are fetched once, however many ask at the same time', async () => {
    const { publicKeys, signingKeyId } = signerFor('today', 'yesterday')
    const answers = await Promise.all([publicKeys(), signingKeyId(), publicKeys()])
    const again = await publicKeys()
    expect(operations()).toEqual(['GetPublicKey', 'GetPublicKey'])
    expect(answers[1]).toBe(today.keyId)
    expect(answers[2]).toBe(answers[0])
    expect(again).toBe(answers[0])
  })

  it('are several, of which the first one signs', async () => {
    const [signer, signingInput] = [signerFor('today', 'yesterday'), Buffer.from('a.b')]
    expect(await signer.signingKeyId()).toBe(today.keyId)
    expect(verify('RSA-SHA256', signingInput, today.key, await signer.sign(signingInput))).toBe(true)
  })

  it('hold the one that signs and the older ones, so that a rotation ends no session', async () => {
    const keys = await signerFor('today', 'yesterday').publicKeys()
    expect(keys.map(({ keyId }) => keyId)).toEqual([today.keyId, yesterday.keyId])
  })

  it('are asked for again after a failure', async () => {
    const { publicKeys, signingKeyId } = signerFor('today', 'yesterday')
    kms.fault = () => throttled
    expect((await refusal(publicKeys())).code).toBe('temporarily_unavailable')
    expect((await refusal(signingKeyId())).code).toBe('temporarily_unavailable')
    kms.fault = () => undefined
    expect(await publicKeys()).toHaveLength(2)
    expect(await signingKeyId()).toBe(today.keyId)
  })

  it.each(['DisabledException', 'KMSInvalidStateException', 'NotFoundException'])(
    'leave out an older key of which KMS says %s',
    async (error) => {
      const { publicKeys } = signerFor('today', 'yesterday')
      kms.fault = ({ input }) => (input['KeyId'] === 'yesterday' ? { error, status: 400 } : undefined)
      expect((await publicKeys()).map(({ keyId }) => keyId)).toEqual([today.keyId])
    },
  )

  it('are not called complete while an older key cannot be fetched for another reason', async () => {
    const { publicKeys } = signerFor('today', 'yesterday')
    kms.fault = ({ input }) => (input['KeyId'] === 'yesterday' ? throttled : undefined)
    await refusal(publicKeys())
    kms.fault = () => undefined
    expect(await publicKeys()).toHaveLength(2)
  })

  it('wait for a signing key that KMS does not know yet', async () => {
    const { publicKeys } = signerFor('today')
    kms.fault = () => ({ error: 'NotFoundException', status: 400 })
    await refusal(publicKeys())
    kms.fault = () => undefined
    expect(await publicKeys()).toHaveLength(1)
  })
})

describe('F3: when KMS', () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ['fails', { error: 'KMSInternalException', status: 500 }],
    ['throttles', throttled],
    ['denies access', { error: 'AccessDeniedException', status: 400 }],
    ['answers with nothing', 'empty'],
    ['never answers', 'silence'],
  ]
  it.each(faults)(
    '%s, every method asks the caller to come back, and keeps the cause for the log',
    async (_, fault) => {
      kms.fault = () => fault
      const signer = kmsSigner({ client: kms.client, kmsKeyIds: ['today'], timeoutMilliseconds: 100 })
      const attempts = [signer.sign(randomBytes(9)), signer.signingKeyId(), signer.publicKeys()]
      for (const error of await Promise.all(attempts.map((attempt) => refusal(attempt)))) {
        expect(error).toMatchObject({ code: 'temporarily_unavailable', retryAfterSeconds: 1 })
        expect(error.cause).toBeInstanceOf(Error)
      }
    },
  )

  it('never answers, a login waits 2 s and no longer, and the call is given up', async () => {
    vi.useFakeTimers()
    try {
      const signals: AbortSignal[] = []
      // A client that does not look at the signal, as the SDK while it fetches credentials.
      const send = (...given: unknown[]) => {
        signals.push((given[1] as { readonly abortSignal: AbortSignal }).abortSignal)
        return new Promise<never>(() => {})
      }
      const signer = kmsSigner({ client: { send }, kmsKeyIds: ['today'] })
      const refused = refusal(signer.sign(randomBytes(9)))
      await vi.advanceTimersByTimeAsync(1999)
      expect(signals.map(({ aborted }) => aborted)).toEqual([false])
      await vi.advanceTimersByTimeAsync(1)
      expect(signals.map(({ aborted }) => aborted)).toEqual([true])
      expect((await refused).code).toBe('temporarily_unavailable')
    } finally {
      vi.useRealTimers()
    }
  })

  it('answers, nothing is left that keeps the process waiting', async () => {
    const setTimer = vi.spyOn(globalThis, 'setTimeout')
    const clearTimer = vi.spyOn(globalThis, 'clearTimeout')
    await signerFor('today').publicKeys()
    const started = setTimer.mock.calls.findIndex(([, milliseconds]) => milliseconds === 2000)
    expect(clearTimer).toHaveBeenCalledWith(setTimer.mock.results[started]?.value)
    vi.restoreAllMocks()
  })
})
