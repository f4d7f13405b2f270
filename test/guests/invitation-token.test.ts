import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newInvitationToken, readInvitationToken } from '../../lib/guests/invitation-token.ts'
import { readResetToken } from '../../lib/passwords/reset-token.ts'

const membership = { userId: 'usr_4k2m9x7q1w8e5r3t' as const, membershipId: 'mem_a1b2c3d4e5f6' as const }
const token = newInvitationToken(membership, randomBytes)

describe('the token of an invitation', () => {
  it('names its user and its membership, and carries 256 random bits', () => {
    expect(token).toMatch(/^pst_i4k2m9x7q1w8e5r3ta1b2c3d4e5f6_[0-9A-Za-z]{49}$/)
    expect(readInvitationToken(token)).toEqual({ ...membership, secret: token })
    expect(newInvitationToken(membership, randomBytes)).not.toBe(token)
    expect(readResetToken(token)).toBeUndefined()
  })

  it('is refused without a look-up when any character was changed, added or left out', () => {
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'a' ? 'b' : 'a'
      const altered = token.slice(0, index) + other + token.slice(index + 1)
      expect(readInvitationToken(altered), altered).toBeUndefined()
    }
    for (const text of ['', token.slice(0, -1), `${token}a`, ` ${token}`, `${token}\n`, token.toUpperCase()])
      expect(readInvitationToken(text)).toBeUndefined()
  })

  it('cannot name anything but a user id and a membership id', () => {
    for (const userId of ['usr_USER#abcdefghijk', 'usr_../../../../../..', 'usr_ABCDEFGHIJKLMNOP'] as const)
      expect(readInvitationToken(newInvitationToken({ ...membership, userId }, randomBytes))).toBeUndefined()
    for (const membershipId of ['mem_MEMBER#abcdef', 'mem_a1b2c3d4e5f', 'mem_a1b2c3d4e5f\u0000'] as const)
      expect(
        readInvitationToken(newInvitationToken({ ...membership, membershipId }, randomBytes)),
      ).toBeUndefined()
  })
})
