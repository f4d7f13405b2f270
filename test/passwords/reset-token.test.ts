import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newResetToken, readResetToken } from '../../lib/passwords/reset-token.ts'

const owner = { userId: 'usr_4k2m9x7q1w8e5r3t', organizationId: 'org_a1b2c3d4e5' } as const
const token = newResetToken(owner, randomBytes)

describe('a reset token', () => {
  it('names its user and its home, and carries 256 random bits', () => {
    expect(token).toMatch(/^pst_r4k2m9x7q1w8e5r3ta1b2c3d4e5_[0-9A-Za-z]{49}$/)
    expect(readResetToken(token)).toEqual({ ...owner, secret: token })
    expect(newResetToken(owner, randomBytes)).not.toBe(token)
  })

  it('is refused without a look-up when any character was changed, added or left out', () => {
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'a' ? 'b' : 'a'
      const altered = token.slice(0, index) + other + token.slice(index + 1)
      if (altered !== token) expect(readResetToken(altered), altered).toBeUndefined()
    }
    for (const text of ['', token.slice(0, -1), `${token}a`, ` ${token}`, `${token}\n`, token.toUpperCase()])
      expect(readResetToken(text)).toBeUndefined()
  })

  it('cannot name anything but a user id and an organization id', () => {
    for (const body of ['USER#abcdefghijk', '../../../../../..', 'ABCDEFGHIJKLMNOP', '0123456789abcde\u0000'])
      expect(readResetToken(newResetToken({ ...owner, userId: `usr_${body}` }, randomBytes))).toBeUndefined()
    for (const body of ['ORG#abcdef', 'a1b2c3d4e', 'A1B2C3D4E5', 'a1b2c3d4e\u0000'])
      expect(
        readResetToken(newResetToken({ ...owner, organizationId: `org_${body}` }, randomBytes)),
      ).toBeUndefined()
  })
})
