import { describe, expect, it } from 'vitest'
import { clearedCookie, cookieWith, newCookieSecret, secretIn } from '../../lib/console/session-cookie.ts'
import { hasEnded, idleEnd } from '../../lib/console/stored-console-session.ts'

const issuer = 'https://postern.example'
const laptop = 'http://localhost:4000'
const zeros = (size: number) => new Uint8Array(size)
const owner = { userId: 'usr_0123456789abcdef', sessionId: 'ses_0123456789abcdefghij' } as const
const secret = newCookieSecret(owner, zeros)
const attributes = 'Path=/; HttpOnly; SameSite=Strict'

describe('the cookie of a session', () => {
  it('is of this host and https alone, and on a laptop of this host', () => {
    expect(cookieWith(issuer, secret)).toBe(`__Host-postern=${secret}; ${attributes}; Secure`)
    expect(cookieWith(laptop, secret)).toBe(`postern=${secret}; ${attributes}`)
    expect(clearedCookie(issuer)).toBe(`__Host-postern=; ${attributes}; Secure; Max-Age=0`)
    expect(clearedCookie(laptop)).toBe(`postern=; ${attributes}; Max-Age=0`)
  })

  it('names the user and the session, which its secret alone does not prove', () => {
    expect(secret).toMatch(/^pst_s0123456789abcdef0123456789abcdefghij_0{43}[0-9A-Za-z]{6}$/)
    expect(secretIn(issuer, ['a=b', `__Host-postern=${secret}`])).toEqual({ ...owner, secret })
    expect(secretIn(laptop, [`postern=${secret}`])).toEqual({ ...owner, secret })
  })

  it.each([
    ['no cookie', []],
    ['another name', [`postern=${secret}`]],
    ['a name that ends alike', [`x__Host-postern=${secret}`]],
    ['two of them', [`__Host-postern=${secret}`, `__Host-postern=${secret}`]],
    ['nothing', ['__Host-postern=']],
    ['a blank in front', [`__Host-postern= ${secret}`]],
    ['a wrong checksum', [`__Host-postern=${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`]],
    ['a shorter user', [`__Host-postern=${newCookieSecret({ ...owner, userId: 'usr_1' }, zeros)}`]],
    ['a secret of another kind', [`__Host-postern=${secret.replace('pst_s', 'pst_t')}`]],
  ])('is none with %s', (_what, cookies) => {
    expect(secretIn(issuer, cookies)).toBeUndefined()
  })
})

describe('a session of the console', () => {
  it('ends half an hour after its last use, and never after its absolute end', () => {
    expect([idleEnd(10_000, 1000), idleEnd(2000, 1000)]).toEqual([2800, 2000])
  })

  it('has ended at its end, to the millisecond', () => {
    const session = { expiresAtSeconds: 1000 } as Parameters<typeof hasEnded>[0]
    expect([999_999, 1_000_000, 1_000_001].map((at) => hasEnded(session, at))).toEqual([false, true, true])
  })
})
