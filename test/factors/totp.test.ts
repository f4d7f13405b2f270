import { describe, expect, it } from 'vitest'
import { newTotpSecret, stepOfCode, totpSecretText, totpUri } from '../../lib/factors/totp.ts'

/** RFC 6238 appendix B, SHA-1. The codes have eight digits there; six of them are the last six. */
const secret = Buffer.from('12345678901234567890')
const vectors = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const

describe('a code of an authenticator app', () => {
  it.each(vectors)('is right at %i seconds (RFC 6238)', (seconds, code) => {
    expect(stepOfCode(secret, code.slice(2), seconds * 1000)).toBe(Math.floor(seconds / 30))
  })

  it('is right one step early and late, and no further', () => {
    const step = 37037036
    const [code, inStep] = ['081804', (other: number) => other * 30_000]
    const around = [-2, -1, 0, 1, 2].map((delta) => stepOfCode(secret, code, inStep(step + delta)))
    expect(around).toEqual([null, step, step, step, null])
    const lastMillisecond = stepOfCode(secret, code, inStep(step + 2) - 1)
    expect(lastMillisecond).toBe(step)
  })

  it.each(['', '08180', '0818040', '94287082', 'abcdef', '０８１８０４'])('is not %j', (code) => {
    expect(stepOfCode(secret, code, 1111111109_000)).toBeNull()
  })

  it('is of a secret of 160 bits (RFC 4226)', () => {
    expect(newTotpSecret((size) => new Uint8Array(size))).toHaveLength(20)
  })

  it('is set up by base 32 and by the URI that apps read', () => {
    expect(totpSecretText(secret)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    const uri = new URL(totpUri(secret, 'Example: Ltd', 'partner-42'))
    expect(uri.href).toMatch(/^otpauth:\/\/totp\/Example%3A%20Ltd:partner-42\?/)
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Example: Ltd',
      secret: totpSecretText(secret),
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})
