import { expect, it } from 'vitest'
import { newRecoveryCode, readRecoveryCode, spacedCode } from '../../lib/secrets/recovery-code.ts'

it('a recovery code is read as it is written for people, and as people spell it', () => {
  const code = newRecoveryCode((size) => Uint8Array.from({ length: size }, (_, index) => index))
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{25}$/)
  expect(spacedCode(code)).toMatch(/^(?:\w{5}-){4}\w{5}$/)
  expect(spacedCode(code).replaceAll('-', '')).toBe(code)
  expect(readRecoveryCode(` ${spacedCode(code).toLowerCase()} `)).toBe(code)
  expect(readRecoveryCode('OIL00-00000-00000-00000-00000')).toBe('0110000000000000000000000')
})

it.each(['', '0'.repeat(24), '0'.repeat(26), `U${'0'.repeat(24)}`])('%j is no recovery code', (text) => {
  expect(readRecoveryCode(text)).toBeUndefined()
})
