import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { SealedReply } from '../../../lib/http/idempotency/sealed-reply.ts'
import {
  idempotencyKeyHash,
  openReply,
  requestFingerprint,
  sealReply,
} from '../../../lib/http/idempotency/sealed-reply.ts'

const key = 'c0ffee-c0ffee'
const reply = { token: 'pst_canary' }
const seal = () => sealReply(key, reply, (size) => randomBytes(size))
const members = ['salt', 'nonce', 'sealed'] as const

describe('a sealed answer', () => {
  it('opens with the Idempotency-Key that it was sealed under, and with no other', () => {
    expect(openReply(key, seal())).toEqual(reply)
    expect(() => openReply('decaf-decaf', seal())).toThrow()
    expect(() => openReply('', seal())).toThrow()
  })

  it('has a salt and a nonce of its own, so that no two are sealed alike', () => {
    const [one, other] = [seal(), seal()]
    const sizeOf = (text: string) => Buffer.from(text, 'base64').length
    expect([sizeOf(one.salt), sizeOf(one.nonce)]).toEqual([16, 12])
    for (const member of members) expect(one[member]).not.toBe(other[member])
  })

  it('does not open when a bit of it was changed, cut off or taken from another one', () => {
    const good = seal()
    const bytesOf = (member: keyof SealedReply) => Buffer.from(good[member], 'base64')
    for (const member of members) {
      const bytes = bytesOf(member)
      for (const index of [0, bytes.length - 1]) {
        const flipped = Buffer.from(bytes)
        flipped.writeUInt8(flipped.readUInt8(index) ^ 1, index)
        expect(() => openReply(key, { ...good, [member]: flipped.toString('base64') })).toThrow()
      }
      expect(() => openReply(key, { ...good, [member]: seal()[member] })).toThrow()
    }
    const cut = bytesOf('sealed').subarray(0, -1).toString('base64')
    expect(() => openReply(key, { ...good, sealed: cut })).toThrow()
  })

  it('shows nothing of the answer, and its place nothing of the key', () => {
    const stored = Object.values(seal()).map((text) => Buffer.from(text, 'base64').toString('latin1'))
    expect(stored.join()).not.toContain('canary')
    expect(idempotencyKeyHash(key)).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('the fingerprint of a request', () => {
  it('is keyed: who reads the table cannot try passwords against it', () => {
    const body = { password: 'canary' }
    const of = (idempotencyKey: string) =>
      requestFingerprint({ idempotencyKey, organizationId: 'org_1', operation: 'createUser', body })
    expect(of(key)).toBe(of(key))
    expect(of(key)).not.toBe(of('decaf-decaf'))
  })
})
