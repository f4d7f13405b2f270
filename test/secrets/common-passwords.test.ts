import { describe, expect, it } from 'vitest'
import { isCommonPassword, spellingsOf } from '../../lib/secrets/common-passwords.ts'

describe('a common password', () => {
  it.each([
    ['backwards', 'ylfrettub'],
    ['in signs that stand for letters', '$uper$7ar'],
    ['of a syllable of four characters, again and again', 'x7qzx7qzx7qz'],
    ['a run of digits that goes on after the 9', '56789012345678'],
    ['a run of digits that goes back from the 0', '65432109876543'],
  ])('is one %s: %s', (_how, password) => {
    expect(isCommonPassword(password)).toBe(true)
  })

  it('is not a long unit that nobody uses, said twice', () => {
    expect(isCommonPassword('xkqvwzjr.xkqvwzjr.')).toBe(false)
  })

  it('is known by all signs that stand for letters, without those around it, and backwards', () => {
    expect(spellingsOf('--@4310-!$57--')).toEqual(expect.arrayContaining(['aaeio-isst', '--75$!-0134@--']))
    expect(spellingsOf('12--ab..cd--34')).toEqual(expect.arrayContaining(['12abcd34', 'ab..cd', 'abcd']))
  })
})
