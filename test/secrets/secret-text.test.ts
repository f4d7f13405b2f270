import { randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { newKeyId, ownerOfKey } from '../../lib/secrets/key-id.ts'
import type { SecretHash } from '../../lib/secrets/secret-hash.ts'
import { isSecretText, newSecretText, randomId } from '../../lib/secrets/secret-text.ts'

// The real functions, watched.
vi.mock('node:crypto', { spy: true })
// Files share their modules: one that ran before can have loaded this with the real comparison.
vi.resetModules()
const { hashSecret, secretMatches } = await import('../../lib/secrets/secret-hash.ts')

/** Gives these bytes, in this order, and then all over again. */
const bytesOf = (bytes: readonly number[]) => {
  let given = 0
  return (size: number) =>
    Uint8Array.from({ length: size }, () => {
      given += 1
      return bytes[(given - 1) % bytes.length] ?? 0
    })
}
const everyByte = Array.from({ length: 256 }, (_, byte) => byte)
const letters = '0123456789abcdefghijklmnopqrstuvwxyz'

const countsIn = (text: string): number[] => {
  const counts = new Map<string, number>()
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return [...counts.values()]
}

describe('random text', () => {
  it('has each letter as often as the others when each byte comes equally often', () => {
    const id = randomId(252, bytesOf(everyByte))
    expect([...new Set(id)].toSorted().join('')).toBe(letters)
    expect(new Set(countsIn(id))).toEqual(new Set([7]))

    const texts = everyByte
      .slice(0, 248)
      .map((byte) => newSecretText('', bytesOf([byte])).charAt(0))
      .join('')
    expect(countsIn(texts)).toEqual(Array.from({ length: 62 }, () => 4))
  })

  it('passes over the bytes that would favour the first letters', () => {
    expect(randomId(3, bytesOf([255, 254, 253, 252, 251, 251, 251]))).toBe('zzz')
    const passedOver = [255, 254, 253, 252, 251, 250, 249, 248]
    expect(newSecretText('', bytesOf([...passedOver, 61])).slice(0, 43)).toBe('z'.repeat(43))
  })

  it('is as long as asked for, whatever bytes come', () => {
    for (const length of [1, 10, 16]) expect(randomId(length, bytesOf([255, 0, 1]))).toHaveLength(length)
    const owner = { organizationId: 'org_0123456789' as const, userId: 'usr_0123456789abcdef' as const }
    expect(ownerOfKey(newKeyId(owner, bytesOf([255, 7])))).toEqual(owner)
    const secret = newSecretText('pst_', bytesOf([255, 7, 8]))
    expect(secret).toMatch(/^pst_[0-9A-Za-z]{49}$/)
    expect(isSecretText('pst_', secret)).toBe(true)
  })
})

describe('a secret', () => {
  const secret = newSecretText('pst_', bytesOf([1, 2, 3]))
  const other = newSecretText('pst_', bytesOf([3, 2, 1]))

  it.each([
    ['the right one', secret, true],
    ['another', other, false],
  ])('is compared in constant time: %s', (_name, presented, isRight) => {
    vi.mocked(timingSafeEqual).mockClear()
    expect(secretMatches(presented, hashSecret(secret))).toBe(isRight)
    expect(timingSafeEqual).toHaveBeenCalledTimes(1)
  })

  it('ends with its CRC-32 in six digits of base 62, as scanners for leaked secrets expect', () => {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    for (let index = 0; index < 50; index += 1) {
      const secret = newSecretText('pst_', randomBytes)
      const number = [...secret.slice(-6)].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0)
      expect(number).toBe(crc32(secret.slice(0, -6)))
    }
  })

  it('matches no hash that is cut off', () => {
    for (const cut of [hashSecret(secret).slice(0, -1), ''])
      expect(secretMatches(secret, cut as SecretHash)).toBe(false)
  })
})
